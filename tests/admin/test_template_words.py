"""Every word of the newsroom's templates goes through gettext: text between tags, and attributes that people see."""

import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from digest.project_files import TEMPLATES

PAGES = sorted(Path(TEMPLATES, "admin").glob("*.html"))
SHOWN_ATTRIBUTES = {
    "title",
    "placeholder",
    "aria-label",
    "alt",
    "data-text",
    "data-error",
    "data-label",
    "label",
}
# The same in every language: names, formats and keys.
NAMES = {"UTC", "HTML", "OPML", "CSV", "JSON", "lines", "eml", "nbsp", "Esc", "lang", "ltr"}
WORD = re.compile(r"[A-Za-z]{2,}")
ENVIRONMENT = jinja2.Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"])  # noqa: S701 -- only parsed


class WordFinder(HTMLParser):
    """The words of a page's HTML that are written in it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_code = tag in ("script", "style", "kbd", "code")
        for name, value in attrs:
            if name in SHOWN_ATTRIBUTES:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 -- the base class's name
        self.is_code = False

    def handle_data(self, data: str) -> None:
        if not self.is_code:
            self.words += [word for word in WORD.findall(data) if word not in NAMES]


def html_of(source: str) -> str:
    """The template without what Jinja puts in; each value leaves a mark that is no word."""
    parts = []
    for _line, kind, value in ENVIRONMENT.lex(source):
        if kind == "data":
            parts.append(value)
        elif kind in ("variable_end", "block_end"):
            parts.append("\N{WHITE SQUARE}" if kind == "variable_end" else "")
    return "".join(parts)


def shown_constants(node: nodes.Node) -> list[str]:
    """The texts that an expression itself may show: not the arguments of calls, keys or what is compared."""
    if isinstance(node, nodes.Const):
        return [node.value] if isinstance(node.value, str) else []
    if isinstance(node, nodes.CondExpr):
        return [*shown_constants(node.expr1), *(shown_constants(node.expr2) if node.expr2 else [])]
    if isinstance(node, nodes.Concat | nodes.Add | nodes.Or):
        return [text for child in node.iter_child_nodes() for text in shown_constants(child)]
    return []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_all_words_go_through_gettext(path: Path) -> None:
    source = path.read_text()
    finder = WordFinder()
    finder.feed(html_of(source))
    assert finder.words == []

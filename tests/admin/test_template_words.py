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
NAMES = {"UTC", "CSV", "SHA"}
NO_TEXT = re.compile(
    r'[a-z-]+="[^"]*"?|\S+\.(org|example)\b'
)  # attributes that a macro makes; examples of addresses
CSS_CLASS = re.compile(r"{% block body_class %}[\w ]+{% endblock %}")
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
            self.words += [word for word in WORD.findall(NO_TEXT.sub("", data)) if word not in NAMES]


def html_of(source: str) -> str:
    """The template without what Jinja puts in; each value leaves a mark that is no word."""
    parts = []
    for _line, kind, value in ENVIRONMENT.lex(CSS_CLASS.sub("", source)):
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
    source = path.read_text(encoding="utf-8")
    finder = WordFinder()
    finder.feed(html_of(source))
    shown = [
        text for output in ENVIRONMENT.parse(source).find_all(nodes.Output) for text in constants_of(output)
    ]
    assert finder.words + [word for text in shown for word in WORD.findall(text) if word not in NAMES] == []


def constants_of(output: nodes.Output) -> list[str]:
    """The constants that a piece of output shows, except those of attributes and classes."""
    return [
        text
        for before, node in zip([None, *output.nodes], output.nodes, strict=False)
        if not (isinstance(before, nodes.TemplateData) and re.search(r'="[^"]*\Z', before.data))
        for text in shown_constants(node)
        if not text.lstrip().startswith(("aria-", "class="))
    ]


@pytest.mark.parametrize(
    "source",
    [
        "<p>Words</p>", '<a title="Words">1</a>', "{{ 'Words' if one else _('Others') }}",
        "{% if one %}Words{% endif %}",
        '<input placeholder="{{ one }} words">',
    ],
)  # fmt: skip
def test_the_check_finds_words(source: str) -> None:
    finder = WordFinder()
    finder.feed(html_of(source))
    outputs = ENVIRONMENT.parse(source).find_all(nodes.Output)
    assert finder.words or [text for output in outputs for text in constants_of(output)] == ["Words"]

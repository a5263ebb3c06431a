"""Notes of editors in Markdown: paragraphs, bold, italics, links and lists, as HTML and as plain text.

Anything else is shown as it was typed: HTML, pictures, headings, links that are neither of the web nor mail addresses.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from digest.line_text import CONTROL_CHARACTERS, NOT_TEXT_CHARACTERS
from digest.mail.pure.text_wrapping import WIDTH, wrap_text

# No entities: they could write characters that were removed from the text, such as those that turn its direction.
RULES = ("autolink", "emphasis", "escape", "link", "list", "newline")
LINK_SCHEMES = {"http", "https", "mailto"}
MAX_NESTING = 8  # of lists in lists
INDENT = "  "  # of each list in plain text
# Our parser makes no other HTML than this. Should it have a flaw, the cleaner lets nothing else through.
CLEANER = nh3.Cleaner(
    tags={"p", "br", "strong", "em", "a", "ul", "ol", "li"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes=LINK_SCHEMES,
    url_relative="deny",
    link_rel=None,
    set_tag_attribute_values={
        "p": {"class": "text", "dir": "auto"},
        "li": {"class": "text", "dir": "auto"},
        "ul": {"dir": "auto"},
        "ol": {"dir": "auto"},
        "a": {"class": "link"},
    },
)


class NoteMarkup(NamedTuple):
    """A note as HTML, which templates show as it is, and as wrapped plain text. Both are "" for a blank note."""

    html: Markup
    text: str


@lru_cache(maxsize=500)
def render_note(source: str) -> NoteMarkup:
    """A note in Markdown as HTML and as plain text."""
    tokens = _parser().parse(_clean(source))
    html = CLEANER.clean(_parser().renderer.render(tokens, _parser().options, {}))
    return NoteMarkup(Markup(html.strip()), _PlainText().render(tokens))  # noqa: S704  (nh3 has cleaned it)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"maxNesting": 2 * MAX_NESTING + 1}).enable(list(RULES))
    parser.validateLink = _is_link  # type: ignore[method-assign]
    return parser


def _is_link(url: str) -> bool:
    """Whether a URL may be a link: one of the web or a mail address, with something after its scheme."""
    scheme, _, rest = url.partition(":")
    if scheme.lower() not in LINK_SCHEMES:
        return False
    return "@" in rest if scheme.lower() == "mailto" else rest.startswith("//") and len(rest) > len("//")


def _clean(source: str) -> str:
    """The source without characters that a mail can't carry or that turn the direction of text; its lines stay."""
    lines = (line.expandtabs(4) for line in source.splitlines())
    return "\n".join(NOT_TEXT_CHARACTERS.sub("", CONTROL_CHARACTERS.sub(" ", line)) for line in lines)


@dataclass
class _PlainText:
    """Writes a parsed note as plain text."""

    _lines: list[str] = field(default_factory=list)
    _numbers: list[int | None] = field(default_factory=list)  # of the open lists; None for one with dashes
    _marker: str = ""  # of the list item that has just begun
    _is_tight: bool = False  # whether the last block was an item of a list without blank lines

    def render(self, tokens: Iterable[Token]) -> str:
        """The whole note."""
        is_tight = False
        for token in tokens:
            match token.type:
                case "bullet_list_open":
                    self._numbers.append(None)
                case "ordered_list_open":
                    self._numbers.append(int(token.attrGet("start") or 1))
                case "bullet_list_close" | "ordered_list_close":
                    self._numbers.pop()
                case "list_item_open":
                    self._marker = self._next_marker()
                case "paragraph_open":
                    is_tight = token.hidden
                case "inline":
                    self._add_block(token.children or (), is_tight=is_tight)
                case _:
                    pass
        return "\n".join(self._lines)

    def _next_marker(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "- "
        self._numbers[-1] = number + 1
        return f"{number}. "

    def _add_block(self, children: Sequence[Token], *, is_tight: bool) -> None:
        rest = INDENT * len(self._numbers)
        prefix = INDENT * (len(self._numbers) - 1) + self._marker if self._marker else rest
        if self._lines and not (is_tight and self._is_tight):
            self._lines.append("")
        self._is_tight = is_tight
        self._marker = ""
        for line in _inline_text(children).split("\n"):
            for wrapped in wrap_text(line, WIDTH - max(len(prefix), len(rest))).split("\n"):
                self._lines.append((prefix + wrapped).rstrip())
                prefix = rest


def _inline_text(children: Iterable[Token]) -> str:
    """The text of a paragraph with the addresses of its links, and a line break where it forces one."""
    written: list[str] = []
    links: list[tuple[str, int]] = []  # address, and where its text begins
    for token in children:
        match token.type:
            case "link_open":
                links.append((str(token.attrGet("href") or ""), len(written)))
            case "link_close":
                url, start = links.pop()
                label = "".join(written[start:])
                address = url.removeprefix("mailto:")
                written.append("" if label in {url, address} else f" ({address})")
            case "softbreak":
                written.append(" ")
            case "hardbreak":
                written.append("\n")
            case _:
                written.append(token.content)
    return "".join(written)

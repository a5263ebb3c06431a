"""Caps on what a feed may cost, taken on the raw text before a parser sees it."""

import re
import sys
from dataclasses import dataclass
from html.entities import html5
from typing import Literal

from digest.sources.pure.entries import NotAFeedError

MAX_BYTES = 10 * 1024 * 1024  # fifty times a usual full-text feed (200 kB)
MAX_ENTRIES = 500  # newest first in practice; long news feeds list 300
MAX_ATTRIBUTES = 100  # on one tag; feedparser's cost grows with their square
MAX_TAG = 20_000  # characters of one tag; a data: picture in an attribute is the longest honest one
MAX_DEPTH = 200  # open elements
MAX_ENTITIES = 300  # characters of all the declared entities
PREAMBLE = 20_000  # characters before the root element: licences, style sheets, PHP warnings

ROOT = re.compile(r"<(?:[\w.-]+:)?(rss|feed|rdf|channel|urlset|sitemapindex|html|opml)\b", re.IGNORECASE)
HTML_TAG = re.compile(
    r"<(?:!doctype html|head|body|title|meta|div|p|h1|article|main|section|table|ul)\b", re.IGNORECASE
)
LONGEST_REFERENCE = 7  # digits of U+10FFFF, 1114111
SKIPPED = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
CDATA = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))", re.DOTALL)
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # not XML 1.0 characters
REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));", re.IGNORECASE)
XML = '<?xml version="1.0" encoding="utf-8"?>\n'
ENTITY = re.compile(r"<!ENTITY\b")
FLAT_ENTITY = re.compile(r"""<!ENTITY\s+(\w+)\s+["']([^"'&<>%]*)["']\s*>""")
LONG_NAME = re.compile(  # up to 1,000 characters, which is more than any byline
    r"(<(?:\w+:)?(?:author|creator|managingEditor|webMaster|name|email)\b[^<>]*>(?:<!\[CDATA\[)?[^<\]]{1000})[^<\]]+",
    re.IGNORECASE,
)
# Markup that was not escaped within a text that is none: feedparser drops such a text. Its own children stay.
NAKED = re.compile(
    r"(<((?:\w+:)?(?:author|creator|category|subject))\b[^<>]*(?<!/)>)([^<>]*<(?:a|b|div|em|font|i|p|span|strong)\b"
    r"(?:(?!</\2|<!\[CDATA).){0,1000}?)(</\2)",
    re.IGNORECASE | re.DOTALL,
)
ANY_TAG = re.compile(r"<[^<>]*>")
NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
XML_OWN = frozenset(("lt", "gt", "amp", "quot", "apos"))
TAG = re.compile(r"<(/?)([A-Za-z_][\w:.-]*)([^<>]*)>")
ITEM_END = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
ITEM_START = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]", re.IGNORECASE)
ROOT_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Screened:
    """Text that may be given to a parser. `cut` tells that it stops in the middle of an entry."""

    text: str
    root: Literal["feed", "sitemap"]
    cut: bool
    warnings: tuple[str, ...]


def screen(text: str) -> Screened:
    """`text` mended and cut to what a parser can bear. Raises `NotAFeedError` where there is no feed in it."""
    warnings: list[str] = []
    root, start = _find_root(text)
    head, body = _own_head(text[:start], warnings), text[start:]
    body = _trim_entries(_drop_illegal(body, warnings), warnings)
    body = LONG_NAME.sub(
        r"\1", body
    )  # feedparser looks for an address in it, at the cost of the square of its length
    body = NAKED.sub(lambda match: match[1] + ANY_TAG.sub("", match[3]) + match[4], body)
    _refuse_costly(body)
    if "<!ENTITY" not in head:
        body = _resolve_named(body)
    return Screened(head + body, root, _is_cut(body), tuple(warnings))


def document_kind(text: str) -> Literal["json", "feed", "html", "opml", "text"]:
    """What a document looks like by its beginning; "feed" stands for sitemaps, too."""
    opening = text.lstrip()[:1]
    if opening == "{":
        return "json"
    head = SKIPPED.sub("", text[:PREAMBLE])
    match = ROOT.search(head)
    if match is None:
        return "html" if opening == "<" and HTML_TAG.search(head) else "text"
    name = match[1].lower()
    if name in ("html", "opml"):
        return "html" if name == "html" else "opml"
    return "html" if HTML_TAG.search(head, 0, match.start()) else "feed"


def _find_root(text: str) -> tuple[Literal["feed", "sitemap"], int]:
    """What the document is and where its root element begins."""
    comments = [(match.start(), match.end()) for match in SKIPPED.finditer(text[:PREAMBLE])]
    for match in ROOT.finditer(text[: PREAMBLE + 200]):
        if any(begin < match.start() < end for begin, end in comments):
            continue
        name = match[1].lower()
        if name == "html":
            raise NotAFeedError("this is a web page, not a feed; look for a feed link on it")
        if name == "opml":
            raise NotAFeedError("this is an OPML list of feeds; import it with `dateline sources import`")
        return ("sitemap" if name in ("urlset", "sitemapindex") else "feed"), match.start()
    opening = " ".join(text[:60].split())
    raise NotAFeedError(f"this is not a feed: it begins with {opening!r}" if opening else "the body is empty")


def _own_head(head: str, warnings: list[str]) -> str:
    """An XML declaration of our own, and the declared entities if they are few, short and flat."""
    declared = len(ENTITY.findall(head))
    flat = FLAT_ENTITY.findall(head)
    if len(flat) == declared and sum(len(value) for _, value in flat) <= MAX_ENTITIES:
        # One declaration a line: feedparser knows them by that.
        lines = "".join(f'<!ENTITY {name} "{value}">\n' for name, value in flat)
        return XML + (f"<!DOCTYPE feed [\n{lines}]>\n" if lines else "")
    warnings.append("entity declarations were left out: they are nested, external or too long")
    return XML


def _drop_illegal(body: str, warnings: list[str]) -> str:
    clean = REFERENCE.sub(_legal_reference, ILLEGAL.sub("", body))
    if clean != body:
        warnings.append("control characters were left out")
    return clean


def _legal_reference(match: re.Match[str]) -> str:
    """The reference, or nothing where it names no XML character."""
    hexadecimal, decimal = match[1], match[2]
    digits = (hexadecimal or decimal).lstrip("0")
    if not digits or len(digits) > LONGEST_REFERENCE:
        return ""
    code = int(digits, 16 if hexadecimal else 10)
    return "" if code > sys.maxunicode or ILLEGAL.match(chr(code)) else match[0]


def _trim_entries(body: str, warnings: list[str]) -> str:
    """`body` without the entries after the first `MAX_ENTRIES`."""
    ends = [match.end() for match in ITEM_END.finditer(body)]
    if len(ends) <= MAX_ENTRIES:
        return body
    warnings.append(f"only the first {MAX_ENTRIES} of {len(ends)} entries were read")
    return body[: ends[MAX_ENTRIES - 1]] + body[ends[-1] :]


def _refuse_costly(body: str) -> None:
    """Raise `NotAFeedError` for tags and nesting that no publisher writes and that cost the square of their size."""
    depth = 0
    for match in TAG.finditer(CDATA.sub("", body)):
        closing, _, attributes = match.groups()
        if len(attributes) > MAX_TAG or attributes.count("=") > MAX_ATTRIBUTES * 5:
            raise NotAFeedError(f"a tag has more than {MAX_ATTRIBUTES} attributes; no feed is written so")
        if closing:
            depth = max(0, depth - 1)
        elif not attributes.endswith("/"):
            depth += 1
        if depth > MAX_DEPTH:
            raise NotAFeedError(
                f"more than {MAX_DEPTH} elements are nested in each other; no feed is written so"
            )


def _resolve_named(body: str) -> str:
    """HTML's named characters (&nbsp;), which XML does not know, as themselves."""
    pieces = CDATA.split(body)
    for index in range(0, len(pieces), 2):
        pieces[index] = NAMED.sub(_named_character, pieces[index])
    return "".join(pieces)


def _named_character(match: re.Match[str]) -> str:
    if match[1] in XML_OWN:
        return match[0]
    character = html5.get(match[1] + ";", match[0])
    return match[0] if character in ("<", ">", "&") else character


def _is_cut(body: str) -> bool:
    """Whether the document breaks off inside an entry after at least one whole one."""
    starts = [match.start() for match in ITEM_START.finditer(body)]
    ends = [match.end() for match in ITEM_END.finditer(body)]
    return bool(ends) and starts[-1:] >= ends[-1:] and not ROOT_END.search(body, ends[-1])

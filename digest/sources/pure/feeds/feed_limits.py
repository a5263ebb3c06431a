"""Limits on the cost of parsing a feed, applied to the raw text before a parser gets it."""

import re
import sys
from dataclasses import dataclass
from html.entities import html5
from typing import Literal

from digest.errors import NewsroomText
from digest.sources.pure.entries import DocumentError
from digest.sources.pure.feeds.newest_entries import ITEM_END, ITEM_START, keep_newest, remove_empty_items
from digest.sources.states import SourceKind

MAX_BYTES = 10 * 1024 * 1024  # fifty times a typical full-text feed (200 kB)
MAX_ENTRIES = 500  # long news feeds list 300
MAX_ATTRIBUTES = 100  # of one tag; feedparser's cost grows with their square
MAX_TAG_LENGTH = 20_000  # characters of one tag; the longest legitimate attribute is a data: image
MAX_DEPTH = 200  # open elements
MAX_ENTITIES_LENGTH = 300  # characters of all declared entities together
MAX_PREAMBLE = 20_000  # characters before the root element: licences, style sheets, PHP warnings

ROOT_TAG = re.compile(r"<(?:[\w.-]+:)?(rss|feed|rdf|channel|urlset|sitemapindex|html|opml)\b", re.IGNORECASE)
HTML_TAG = re.compile(
    r"<(?:!doctype html|head|body|title|meta|div|p|h1|article|main|section|table|ul)\b", re.IGNORECASE
)
MAX_REFERENCE_DIGITS = 7  # digits of U+10FFFF, 1114111
COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
CDATA_OR_COMMENT = re.compile(r"(<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z))", re.DOTALL)
# Characters that XML 1.0 does not allow.
ILLEGAL_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
CHARACTER_REFERENCE = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));", re.IGNORECASE)
XML_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
ENTITY_DECLARATION = re.compile(r"<!ENTITY\b")
FLAT_ENTITY = re.compile(r"""<!ENTITY\s+(\w+)\s+["']([^"'&<>%]*)["']\s*>""")
# A person's name of over 1,000 characters; group 1 is the part that is kept.
LONG_PERSON_NAME = re.compile(
    r"(<(?:\w+:)?(?:author|creator|managingEditor|webMaster|name|email)\b[^<>]*>(?:<!\[CDATA\[)?[^<\]]{1000})[^<\]]+",
    re.IGNORECASE,
)
# Unescaped markup in a plain text element. feedparser drops such a text, so its tags are removed. Atom's own child
# elements are not matched.
UNESCAPED_MARKUP = re.compile(
    r"(<((?:\w+:)?(?:author|creator|category|subject))\b[^<>]*(?<!/)>)([^<>]*<(?:a|b|div|em|font|i|p|span|strong)\b"
    r"(?:(?!</\2|<!\[CDATA).){0,1000}?)(</\2)",
    re.IGNORECASE | re.DOTALL,
)
ANY_TAG = re.compile(r"<[^<>]*>")
NAMED_REFERENCE = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
XML_ENTITIES = frozenset(("lt", "gt", "amp", "quot", "apos"))
TAG = re.compile(r"<(/?)([A-Za-z_][\w:.-]*)([^<>]*)>")
ROOT_END = re.compile(r"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class SanitizedFeed:
    """Text that is safe to parse. `truncated` means that it ends in the middle of an entry."""

    text: str
    kind: SourceKind  # FEED or SITEMAP
    truncated: bool
    warnings: tuple[str, ...]


def sanitize_feed(text: str) -> SanitizedFeed:
    """Repair `text` and cut it to the limits. Raises `DocumentError` if it contains no feed."""
    warnings: list[str] = []
    kind, start = _find_root(text)
    head, body = _rebuild_head(text[:start], warnings), text[start:]
    body = remove_empty_items(_remove_illegal_characters(body, warnings))
    body = keep_newest(body, MAX_ENTRIES, warnings)
    # feedparser searches a person's name for a mail address, at a cost that grows with the square of its length.
    body = LONG_PERSON_NAME.sub(r"\1", body)
    body = UNESCAPED_MARKUP.sub(lambda match: match[1] + ANY_TAG.sub("", match[3]) + match[4], body)
    _check_cost(body)
    if "<!ENTITY" not in head:
        body = _resolve_named_references(body)
    return SanitizedFeed(head + body, kind, _is_truncated(body), tuple(warnings))


def check_size(body: bytes) -> None:
    """Raise `DocumentError` if `body` has more than `MAX_BYTES`."""
    if len(body) > MAX_BYTES:
        raise DocumentError(
            NewsroomText(
                "the body has %(count)s bytes; the most we read is %(max_bytes)s",
                count=f"{len(body):,}",
                max_bytes=f"{MAX_BYTES:,}",
            )
        )


def detect_format(text: str) -> Literal["json", "feed", "html", "opml", "text"]:
    """Return the format of a document, judged by its beginning; "feed" includes sitemaps."""
    opening = text.lstrip()[:1]
    if opening == "{":
        return "json"
    head = COMMENT.sub("", text[:MAX_PREAMBLE])
    match = ROOT_TAG.search(head)
    if match is None:
        return "html" if opening == "<" and HTML_TAG.search(head) else "text"
    name = match[1].lower()
    if name in ("html", "opml"):
        return "html" if name == "html" else "opml"
    return "html" if HTML_TAG.search(head, 0, match.start()) else "feed"


def _find_root(text: str) -> tuple[SourceKind, int]:
    """Return the kind of the document and the position of its root element."""
    comments = [(match.start(), match.end()) for match in COMMENT.finditer(text[:MAX_PREAMBLE])]
    for match in ROOT_TAG.finditer(text[: MAX_PREAMBLE + 200]):
        if any(begin < match.start() < end for begin, end in comments):
            continue
        name = match[1].lower()
        if name == "html":
            raise DocumentError(NewsroomText("this is a web page, not a feed; look for a feed link on it"))
        if name == "opml":
            raise DocumentError(
                NewsroomText("this is an OPML list of feeds; import it with `dateline sources import`")
            )
        is_sitemap = name in ("urlset", "sitemapindex")
        return (SourceKind.SITEMAP if is_sitemap else SourceKind.FEED), match.start()
    opening = " ".join(text[:60].split())
    raise DocumentError(
        NewsroomText("this is not a feed: it begins with %(opening)s", opening=repr(opening))
        if opening
        else NewsroomText("the body is empty")
    )


def _rebuild_head(head: str, warnings: list[str]) -> str:
    """Return a new XML declaration, with the declared entities if they are short and not nested."""
    declared = len(ENTITY_DECLARATION.findall(head))
    flat = FLAT_ENTITY.findall(head)
    if len(flat) == declared and sum(len(value) for _, value in flat) <= MAX_ENTITIES_LENGTH:
        # feedparser recognises only one declaration a line.
        lines = "".join(f'<!ENTITY {name} "{value}">\n' for name, value in flat)
        return XML_DECLARATION + (f"<!DOCTYPE feed [\n{lines}]>\n" if lines else "")
    warnings.append(NewsroomText("entity declarations were left out: they are nested, external or too long"))
    return XML_DECLARATION


def _remove_illegal_characters(body: str, warnings: list[str]) -> str:
    clean = CHARACTER_REFERENCE.sub(_legal_reference, ILLEGAL_CHARACTER.sub("", body))
    if clean != body:
        warnings.append(NewsroomText("control characters were left out"))
    return clean


def _legal_reference(match: re.Match[str]) -> str:
    """Return the reference; "" if it does not name an XML character."""
    hexadecimal, decimal = match[1], match[2]
    digits = (hexadecimal or decimal).lstrip("0")
    if not digits or len(digits) > MAX_REFERENCE_DIGITS:
        return ""
    code = int(digits, 16 if hexadecimal else 10)
    return "" if code > sys.maxunicode or ILLEGAL_CHARACTER.match(chr(code)) else match[0]


def _check_cost(body: str) -> None:
    """Raise `DocumentError` for huge tags and deep nesting: parsing costs the square of their size."""
    depth = 0
    for match in TAG.finditer(CDATA_OR_COMMENT.sub("", body)):
        closing, _, attributes = match.groups()
        if len(attributes) > MAX_TAG_LENGTH or attributes.count("=") > MAX_ATTRIBUTES * 5:
            raise DocumentError(NewsroomText("a tag is too long or has too many attributes for a feed"))
        if closing:
            depth = max(0, depth - 1)
        elif not attributes.endswith("/"):
            depth += 1
        if depth > MAX_DEPTH:
            raise DocumentError(
                NewsroomText(
                    "more than %(max_depth)s elements are nested in each other; a feed is not so deep",
                    max_depth=MAX_DEPTH,
                )
            )


def _resolve_named_references(body: str) -> str:
    """Replace HTML's named references (&nbsp;), which XML does not define, by their characters."""
    pieces = CDATA_OR_COMMENT.split(body)
    for index in range(0, len(pieces), 2):
        pieces[index] = NAMED_REFERENCE.sub(_named_character, pieces[index])
    return "".join(pieces)


def _named_character(match: re.Match[str]) -> str:
    if match[1] in XML_ENTITIES:
        return match[0]
    character = html5.get(match[1] + ";", match[0])
    return match[0] if character in ("<", ">", "&") else character


def _is_truncated(body: str) -> bool:
    """Return whether the document ends inside an entry, after at least one complete entry."""
    starts = [match.start() for match in ITEM_START.finditer(body)]
    ends = [match.end() for match in ITEM_END.finditer(body)]
    return bool(ends) and starts[-1:] >= ends[-1:] and not ROOT_END.search(body, ends[-1])

"""Sanitise HTML from the network, or convert it to plain text."""

import html
import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import nh3

MAX_DEPTH = 200  # open elements; building and cleaning a tree costs the square of its depth
MAX_TEXT_LENGTH = 100_000  # characters that we keep of one text: some 15,000 words
MAX_HTML_LENGTH = 400_000

BLOCK_TAG = re.compile(
    r"<(?=/?(?:p|div|br|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|section|article|figure|figcaption|hr|pre|d[dt])\b)",
    re.IGNORECASE,
)
ANY_TAG = re.compile(r"</?([a-z][a-z0-9:-]*)([^<>]*)>?", re.IGNORECASE)
VOID_ELEMENTS = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
KNOWN_TAG = re.compile(
    r"</(?:a|abbr|b|big|blockquote|code|div|em|font|h[1-6]|i|li|mark|p|q|s|small|span|strong|sub|sup|u|ul)\s*>"
    r"|<(?:br|hr|img|script|style|iframe|svg|object)\b",
    re.IGNORECASE,
)
LEFTOVER_ENTITY = re.compile(
    r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip);", re.I
)
# Control characters, characters that change the direction of writing, and invisible characters, except the
# joiners U+200C and U+200D, which Persian and Hindi need.
INVISIBLE_CHARACTERS = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\uffff]"
)
# No host name in any script has these characters.
INVALID_HOST_CHARACTERS = re.compile(r"""[\s<>"'`^{}|\\%=&,;]""")
DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "svg", "math", "template", "noframes"}
TEXT_CLEANER = nh3.Cleaner(tags=set(), attributes={}, link_rel=None, clean_content_tags=DROPPED_WITH_CONTENT)
ALLOWED_TAGS = nh3.ALLOWED_TAGS - {"area", "map", "bdo"}  # bdo changes the direction of writing
ALLOWED_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
}


def html_to_text(source: str) -> str:
    """Return the text of an HTML fragment on one line, without markup, scripts and invisible characters."""
    text = source[:MAX_HTML_LENGTH]
    if "<" in text:
        text = _without_tags(text) if _too_deep(text) else TEXT_CLEANER.clean(BLOCK_TAG.sub(" <", text))
    return collapse_whitespace(html.unescape(text))[:MAX_TEXT_LENGTH]


def collapse_whitespace(text: str) -> str:
    """Return `text` with white space collapsed and invisible characters removed."""
    return " ".join(INVISIBLE_CHARACTERS.sub("", text).split())


def title_to_text(source: str, *, is_html: bool) -> str:
    """Return a title as plain text. Publishers often escape titles twice, or declare HTML as text."""
    is_html = is_html or has_markup(source)
    text = html_to_text(source) if is_html else collapse_whitespace(source[:MAX_TEXT_LENGTH])
    return collapse_whitespace(html.unescape(text)) if LEFTOVER_ENTITY.search(text) else text


def sanitize_html(source: str, base: str = "") -> str:
    """Return `source` with harmless elements only and links resolved against `base`; "" if it has no markup."""
    shortened = INVISIBLE_CHARACTERS.sub("", source[:MAX_HTML_LENGTH])
    if "<" not in shortened or _too_deep(shortened):
        return ""
    try:
        cleaner = _cleaner(base if resolve_web_url(base) else "")
    except ValueError:  # nh3 rejects some host names that `resolve_web_url` accepts
        cleaner = _cleaner("")
    return cleaner.clean(shortened).strip()


def has_markup(text: str) -> bool:
    """Return whether `text` is HTML and not plain text with a "<"."""
    return KNOWN_TAG.search(text) is not None


def resolve_web_url(url: str | None, base: str = "") -> str:
    """Return `url` resolved against `base`; "" unless the result is http or https with a host."""
    text = re.sub(r"[\x00-\x20\x7f]+", lambda gap: "%20" if gap[0] == " " else "", (url or "").strip())
    try:
        absolute = urljoin(base, text) if text else ""
        parts = urlsplit(absolute)
        is_web_url = parts.scheme in ("http", "https") and not INVALID_HOST_CHARACTERS.search(
            parts.hostname or " "
        )
    except ValueError:
        return ""
    return absolute if is_web_url else ""


def strip_fragment(url: str) -> str:
    """Return `url` without its fragment, as a server gets it (RFC 3986, section 3.5)."""
    return url.partition("#")[0]


@lru_cache(maxsize=64)
def _cleaner(base: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=ALLOWED_TAGS,
        attributes=ALLOWED_ATTRIBUTES,
        clean_content_tags=DROPPED_WITH_CONTENT,
        url_schemes={"http", "https"},
        url_relative=("rewrite_with_base", base) if base else "deny",
    )


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]*>", " ", text)


def _too_deep(text: str) -> bool:
    """Return whether more than `MAX_DEPTH` elements are open at once; building such a tree is costly."""
    depth = 0
    for match in ANY_TAG.finditer(text):
        if match[0].startswith("</"):
            depth = max(0, depth - 1)
        elif match[1].lower() not in VOID_ELEMENTS and not match[2].endswith("/"):
            depth += 1
            if depth > MAX_DEPTH:
                return True
    return False

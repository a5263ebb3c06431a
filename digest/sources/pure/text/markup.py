"""HTML that strangers wrote: made safe to show, or turned into plain text."""

import html
import re
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

import nh3

DEEPEST = 200  # open elements; building and cleaning a tree costs the square of its depth
LONGEST_TEXT = 100_000  # characters of one text we keep: some 15,000 words
LONGEST_HTML = 400_000

BLOCK = re.compile(
    r"<(?=/?(?:p|div|br|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|section|article|figure|figcaption|hr|pre|d[dt])\b)",
    re.IGNORECASE,
)
ANY_TAG = re.compile(r"</?([a-z][a-z0-9:-]*)([^<>]*)>?", re.IGNORECASE)
VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
KNOWN_TAG = re.compile(
    r"</(?:a|abbr|b|big|blockquote|code|div|em|font|h[1-6]|i|li|mark|p|q|s|small|span|strong|sub|sup|u|ul)\s*>"
    r"|<(?:br|hr|img|script|style|iframe|svg|object)\b",
    re.IGNORECASE,
)
LEFT_OVER = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|amp|quot|apos|nbsp|[lr][sd]quo|[mn]dash|hellip);", re.I)
# Control characters, those that turn the direction of writing, and invisible ones (but not the joiners
# U+200C and U+200D, which Persian and Hindi are written with).
UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\uffff]"
)
NO_HOST = re.compile(r"""[\s<>"'`^{}|\\%=&,;]""")  # characters of no host's name, in any script
DROPPED_WITH_CONTENT = {"script", "style", "iframe", "object", "svg", "math", "template", "noframes"}
TEXT_ONLY = nh3.Cleaner(tags=set(), attributes={}, link_rel=None, clean_content_tags=DROPPED_WITH_CONTENT)
SHOWN_TAGS = nh3.ALLOWED_TAGS - {"area", "map", "bdo"}  # bdo turns the direction of writing
SHOWN_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
}


def plain_text(source: str) -> str:
    """The words of an HTML fragment on one line, without markup, scripts and characters nobody sees."""
    text = source[:LONGEST_HTML]
    if "<" in text:
        text = _without_tags(text) if _too_deep(text) else TEXT_ONLY.clean(BLOCK.sub(" <", text))
    return one_line(html.unescape(text))[:LONGEST_TEXT]


def one_line(text: str) -> str:
    """`text` with white space collapsed and control characters taken out."""
    return " ".join(UNSEEN.sub("", text).split())


def title_text(source: str, *, is_html: bool) -> str:
    """A title as plain text. Publishers often escape once too many, or say "text" and write HTML."""
    is_html = is_html or has_markup(source)
    text = plain_text(source) if is_html else one_line(source[:LONGEST_TEXT])
    return one_line(html.unescape(text)) if LEFT_OVER.search(text) else text


def safe_html(source: str, base: str = "") -> str:
    """`source` with only harmless elements, its links absolute against `base`; "" if it holds no markup."""
    cut = UNSEEN.sub("", source[:LONGEST_HTML])
    if "<" not in cut or _too_deep(cut):
        return ""
    try:
        cleaner = _cleaner(base if web_url(base) else "")
    except ValueError:  # nh3 knows more than we do of what no host can be called
        cleaner = _cleaner("")
    return cleaner.clean(cut).strip()


def has_markup(text: str) -> bool:
    """Whether `text` reads as HTML rather than as words that happen to hold a "<"."""
    return KNOWN_TAG.search(text) is not None


def web_url(url: str | None, base: str = "") -> str:
    """`url` made absolute against `base`; "" unless that is http or https with a host."""
    text = re.sub(r"[\x00-\x20\x7f]+", lambda gap: "%20" if gap[0] == " " else "", (url or "").strip())
    try:
        absolute = urljoin(base, text) if text else ""
        parts = urlsplit(absolute)
        usable = parts.scheme in ("http", "https") and not NO_HOST.search(parts.hostname or " ")
    except ValueError:
        return ""
    return absolute if usable else ""


def without_fragment(url: str) -> str:
    """`url` as a server sees it (RFC 3986, section 3.5)."""
    return url.partition("#")[0]


@lru_cache(maxsize=64)
def _cleaner(base: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=SHOWN_TAGS,
        attributes=SHOWN_ATTRIBUTES,
        clean_content_tags=DROPPED_WITH_CONTENT,
        url_schemes={"http", "https"},
        url_relative=("rewrite_with_base", base) if base else "deny",
    )


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]*>", " ", text)


def _too_deep(text: str) -> bool:
    """Whether `text` opens so many elements without closing them that building its tree would be costly."""
    depth = 0
    for match in ANY_TAG.finditer(text):
        if match[0].startswith("</"):
            depth = max(0, depth - 1)
        elif match[1].lower() not in VOID and not match[2].endswith("/"):
            depth += 1
            if depth > DEEPEST:
                return True
    return False

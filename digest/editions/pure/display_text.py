"""Makes the text of sources fit for mails and pages: subjects, headlines, lines and links."""

import re

MAX_TITLE_LENGTH = 300  # characters; articles are cut to it as well, but older rows may be longer
# Line ends and other control characters become spaces. A mail may have no NUL (RFC 5322, section 4).
CONTROLS = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
# Characters that embed or override the text direction would also reorder our own words after them (Unicode TR 36,
# 2.9), and right-to-left text does not need them. Lone surrogates can't be encoded; noncharacters and U+FFFD are not
# text.
UNSAFE_CHARACTERS = re.compile(
    r"[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\uffff\ud800-\udfff"
    + "".join(chr(plane << 16 | 0xFFFE) + chr(plane << 16 | 0xFFFF) for plane in range(1, 17))
    + "]"
)


def sanitize_line(text: str, limit: int = MAX_TITLE_LENGTH) -> str:
    """One line of at most `limit` characters, without characters that are invisible or that a mail can't carry."""
    return shorten(UNSAFE_CHARACTERS.sub("", CONTROLS.sub(" ", text[: limit * 4])), limit)


def shorten(text: str, limit: int) -> str:
    """The text with single spaces, cut with an ellipsis after the last word that fits into `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    cut = text[: limit - 1].rstrip()
    space = cut.rfind(" ")
    return (cut[:space] if space > limit // 2 else cut).rstrip(" ,;:–-") + "…"


def choose_headline(title: str, excerpt: str, source: str) -> str:
    """A story's headline: its title, else the beginning of its excerpt, else its source, else "…"."""
    return sanitize_line(title) or sanitize_line(excerpt, 80) or sanitize_line(source) or "…"


def safe_url(url: str) -> str:
    """The URL if it may be a link, else "": it must be http or https, and short enough for mail programs."""
    is_link = url.startswith(("https://", "http://")) and len(url) <= 2000 and url.isprintable()
    return url if is_link and not set(url) & set(' "<>') else ""


def lang_attribute(tag: str, page_language: str) -> str:
    """A story's value for the HTML attribute `lang` (BCP 47); "" for the page's own language or an invalid tag."""
    tag = tag.replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", tag):
        return ""
    return "" if tag.partition("-")[0].lower() == page_language.partition("-")[0] else tag

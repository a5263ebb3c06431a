"""Makes the text of sources fit for mails and pages: subjects, headlines, lines and links."""

import re

from digest.line_text import clean_line, is_one_line

MAX_TITLE_LENGTH = 300  # characters; articles are cut to it as well, but older rows may be longer
UNSAFE_IN_URL = re.compile(r"[\s\"<>]")


def sanitize_line(text: str, limit: int = MAX_TITLE_LENGTH) -> str:
    """One line of at most `limit` characters, without characters that are invisible or that a mail can't carry."""
    return shorten(clean_line(text[: limit * 4]), limit)


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
    is_link = url.startswith(("https://", "http://")) and len(url) <= 2000 and is_one_line(url)
    return url if is_link and not UNSAFE_IN_URL.search(url) else ""


def lang_attribute(tag: str, page_language: str) -> str:
    """A story's value for the HTML attribute `lang` (BCP 47); "" for the page's own language or an invalid tag."""
    tag = tag.replace("_", "-")
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", tag):
        return ""
    return "" if tag.partition("-")[0].lower() == page_language.partition("-")[0] else tag

"""Which of the many things that feedparser found is an entry's title, link, author, date, text and picture."""

import calendar
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from digest.sources.pure.dates.date_parser import parse_date
from digest.sources.pure.entries import Enclosure, Entry, Size, as_size
from digest.sources.pure.text.markup import has_markup, one_line, plain_text, safe_html, title_text, web_url

Found = Mapping[str, Any]  # a FeedParserDict: keys are what the document happened to hold

MAX_TITLE_FROM_TEXT = 100  # characters of the text that stand in for a missing title
MIN_TITLE_FROM_TEXT = 10  # a shorter text is no headline; the address says more
MAX_AUTHOR = 500  # characters
MAX_CATEGORIES = 50
MAX_ENCLOSURES = 20
IMAGE_NAME = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)", re.IGNORECASE)
IMAGE_TAG = re.compile(
    r"""<img\b(?![^<>]*\b(?:width|height)="[01]")[^<>]*?\bsrc="(https?://[^"<>]+)"""
)  # not one of a single point, which counts who reads
IMAGE_SIDE = re.compile(r'(?<![\w-])(width|height)="([0-9]+)"')
EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+")
EMPTY_BRACKETS = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")
ATOM_DATES = ("published", "created")  # Atom says when an entry was changed apart from when it was published
RSS_DATES = (
    *ATOM_DATES,
    "updated",
)  # Dublin Core's date, which feedparser calls "updated", is all that RDF has
SUMMARY_KEYS = ("summary", "itunes_summary", "googleplay_description", "itunes_subtitle", "subtitle")


def read_entry(
    found: Found, *, base: str, feed_authors: str, date_keys: tuple[str, ...] = ATOM_DATES
) -> Entry:
    """The entry that feedparser found, its gaps filled by our own rules; `base` is the feed's address."""
    link = _link(found, base)
    summary_source, content_source, content_base = _texts(found, link or base)
    summary = plain_text(summary_source)
    content = safe_html(content_source, content_base)
    named = detail_title(found) or title_text(_text(found.get("itunes_title")), is_html=False)
    title = named or _title_from(summary or plain_text(content_source)) or link
    image, size = _image(found, content, base)
    return Entry(
        id=_id(found, link, title),
        title=title,
        link=link,
        published=_date(found, *date_keys),
        updated=_date(found, "updated"),
        author=read_authors(found) or read_authors(found.get("source") or {}) or feed_authors,
        summary=summary,
        content=content,
        categories=_categories(found),
        enclosures=_enclosures(found, base),
        image=image,
        image_size=size,
    )


def detail_title(found: Found) -> str:
    """The title of a feed or an entry as plain text; "" if it has none."""
    detail = found.get("title_detail") or {}
    is_html = str(detail.get("type", "text/plain")) != "text/plain"
    return title_text(_text(found.get("title")), is_html=is_html)


def read_authors(found: Found) -> str:
    """Who wrote it: one author as written, mail address and all; the names of several, each once."""
    people = [_person(person) for person in found.get("authors") or [] if person]
    if len(people) <= 1:  # "author" has what was written; feedparser cuts it up, and some of it off
        people = [_text(found.get("author")) or "".join(people) or _text(found.get("googleplay_author"))]
    return ", ".join(dict.fromkeys(filter(None, (plain_text(person[:MAX_AUTHOR]) for person in people))))


def _person(person: Found) -> str:
    return _text(person.get("name")) or _text(person.get("email"))


def byline(author: str) -> str:
    """An author without the mail address: "Jane Doe" of "jane@example.org (Jane Doe)", "" of an address alone."""
    if not EMAIL.search(author):
        return author
    without = one_line(EMAIL.sub(" ", author).replace("mailto:", " "))
    return one_line(EMPTY_BRACKETS.sub(" ", without)).strip("()<>[]|,;- ")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _link(found: Found, base: str) -> str:
    """Where the entry can be read: the publisher's own address before FeedBurner's, alternates before others."""
    links = [link for link in found.get("links") or [] if _text(link.get("href"))]
    alternates = [link["href"] for link in links if link.get("rel") == "alternate"]
    related = [link["href"] for link in links if link.get("rel") in ("related", "via")]
    identifier = _text(found.get("id"))
    candidates = [
        _text(found.get("feedburner_origlink")),
        _text(found.get("link")),
        *alternates,
        *related,
        identifier if identifier.startswith(("http://", "https://")) else "",
        *(file.url for file in _enclosures(found, base)),  # a recording's page may be the recording itself
    ]
    return next(
        (url for url in (web_url(candidate, base) for candidate in candidates if candidate) if url), ""
    )


def _id(found: Found, link: str, title: str) -> str:
    """What tells this entry from the source's others: its own id, else its address, else its words."""
    own = one_line(_text(found.get("id")))
    if own or link:
        return own or link
    words = "\n".join((title, _text(found.get("published")), _text(found.get("summary"))))
    return "sha256:" + hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()[:32]


def _texts(found: Found, base: str) -> tuple[str, str, str]:
    """The source of the summary, the source of the content, and the base of the content's links."""
    contents = [part for part in found.get("content") or [] if _text(part.get("value"))]
    summary, detail = _summary(found)
    full = max(contents, key=lambda part: len(part["value"]), default=None)
    if full is not None and len(full["value"]) >= len(summary):
        source, source_detail = full["value"], full
        summary = summary or source
    else:
        source, source_detail = summary, detail
    if source_detail.get("type") == "text/plain" and not has_markup(source):
        source = ""  # its words are in the summary; as HTML they would lose every "<"
    return summary, source, web_url(_text(source_detail.get("base")), base) or base


def _summary(found: Found) -> tuple[str, Found]:
    for key in SUMMARY_KEYS:
        text = _text(found.get(key))
        if text:
            return text, found.get(key + "_detail") or {}
    return "", {}


def _title_from(text: str) -> str:
    if len(text) < MIN_TITLE_FROM_TEXT:
        return ""
    if len(text) <= MAX_TITLE_FROM_TEXT:
        return text
    return text[:MAX_TITLE_FROM_TEXT].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def _date(found: Found, *keys: str) -> datetime | None:
    """The first of the dates that can be read, by us or else by feedparser."""
    # `in` first: feedparser's dictionary answers "updated" with "published" where only that is there.
    moments = (
        parse_date(_text(found[key])) or _from_struct(found.get(key + "_parsed"))
        for key in keys
        if key in found
    )
    return next((moment for moment in moments if moment), None)


def _from_struct(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parsed), UTC) if parsed else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _categories(found: Found) -> tuple[str, ...]:
    """Terms and labels alike: either may be the one that names a place."""
    words: list[str] = []
    for tag in found.get("tags") or []:
        term, label = _text(tag.get("term")), _text(tag.get("label"))
        parts = term.split(",") if "itunes.com" in _text(tag.get("scheme")) else [term]
        words += [
            plain_text(part) for part in (label, *parts) if not part.startswith(("http://", "https://"))
        ]
    unique = {word.casefold(): word for word in reversed(words) if word}
    return tuple(reversed(unique.values()))[:MAX_CATEGORIES]


def _enclosures(found: Found, base: str) -> tuple[Enclosure, ...]:
    declared = [link for link in found.get("links") or [] if link.get("rel") == "enclosure"]
    files = [(web_url(_text(link.get("href")), base), _text(link.get("type"))) for link in declared]
    original = web_url(_text(found.get("feedburner_origenclosurelink")), base)
    if original and len(files) == 1:  # FeedBurner's own address counts who listens, and goes away with it
        files = [(original, files[0][1])]
    return tuple(Enclosure(url, type_) for url, type_ in dict.fromkeys(files) if url)[:MAX_ENCLOSURES]


def _image(found: Found, content: str, base: str) -> tuple[str | None, Size | None]:
    """The entry's picture and its size: named as such, else among its media, else the first in its text."""
    named = found.get("image")
    candidates = [
        *_pictures(found.get("media_content") or [], "url"),
        *((_text(one.get("url")), _said_size(one)) for one in found.get("media_thumbnail") or []),
        *_pictures((link for link in found.get("links") or [] if link.get("rel") == "enclosure"), "href"),
        (_text(named.get("href")), None) if isinstance(named, Mapping) else ("", None),
        _in_text(content),
    ]
    urls = ((web_url(address, base), size) for address, size in candidates if address)
    return next(((url, size) for url, size in urls if url), (None, None))


def _pictures(media: Iterable[Found], key: str) -> list[tuple[str, Size | None]]:
    return [
        (_text(item.get(key)), _said_size(item))
        for item in media
        if item.get("medium") == "image"
        or _text(item.get("type")).startswith("image/")
        or (not item.get("type") and not item.get("medium") and IMAGE_NAME.search(_text(item.get(key))))
    ]


def _in_text(content: str) -> tuple[str, Size | None]:
    first = IMAGE_TAG.search(content)
    if first is None:
        return "", None
    sides = IMAGE_SIDE.findall(content, first.start(), content.find(">", first.end()))
    return first[1].replace("&amp;", "&"), _said_size(dict(sides))


def _said_size(said: Mapping[str, Any]) -> Size | None:
    return as_size([_text(said.get("width")), _text(said.get("height"))])

"""Choose an entry's title, link, author, dates, text and image from feedparser's output."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from digest.sources.pure.dates.date_parser import parse_date
from digest.sources.pure.entries import Enclosure, Entry, ImageSize, parse_image_size
from digest.sources.pure.feeds.feed_text import drop_link_footers, show_emoji
from digest.sources.pure.text.markup import (
    collapse_whitespace,
    has_markup,
    html_to_text,
    resolve_web_url,
    sanitize_html,
    title_to_text,
)

FeedparserData = Mapping[str, Any]  # a FeedParserDict; its keys depend on the document

MAX_TITLE_FROM_TEXT = 100  # characters of the text that replace a missing title
MIN_TITLE_FROM_TEXT = 10  # a shorter text is no headline; the URL says more
MAX_AUTHOR = 500  # characters
MAX_CATEGORIES = 50
MAX_ENCLOSURES = 20
IMAGE_EXTENSION = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|\?)", re.IGNORECASE)
# The first image in a text, except tracking pixels.
IMAGE_TAG = re.compile(r"""<img\b(?![^<>]*\b(?:width|height)="[01]")[^<>]*?\bsrc="(https?://[^"<>]+)""")
IMAGE_SIDE = re.compile(r'(?<![\w-])(width|height)="([0-9]+)"')
EMAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+")
EMPTY_BRACKETS = re.compile(r"\(\s*\)|<\s*>|\[\s*\]")
# Atom has separate elements for the publication and the change of an entry.
ATOM_DATE_KEYS = ("published", "created")
# RDF has only Dublin Core's date, which feedparser calls "updated".
RSS_DATE_KEYS = (*ATOM_DATE_KEYS, "updated")
SUMMARY_KEYS = ("summary", "itunes_summary", "googleplay_description", "itunes_subtitle", "subtitle")


class _Texts(NamedTuple):
    """An entry's texts as written, and the base URL of the content's links."""

    summary: str
    content: str
    content_base: str


class _Image(NamedTuple):
    """The URL of an image ("" if there is none) and its declared size."""

    url: str
    size: ImageSize | None = None


def read_entry(
    raw: FeedparserData, *, base: str, feed_authors: str, date_keys: tuple[str, ...] = ATOM_DATE_KEYS
) -> Entry:
    """Return an entry from feedparser's output and fill its missing fields.

    Relative links are resolved against `base`.
    """
    link = _link(raw, base)
    texts = _mend(_texts(raw, link or base), link)
    summary = html_to_text(texts.summary)
    content = sanitize_html(texts.content, texts.content_base)
    own_title = read_title(raw) or title_to_text(_text(raw.get("itunes_title")), is_html=False)
    title = own_title or _title_from_text(summary or html_to_text(texts.content)) or link
    image = _image(raw, content, base)
    return Entry(
        id=_id(raw, link, title),
        title=title,
        link=link,
        published=_date(raw, *date_keys),
        updated=_date(raw, "updated"),
        author=read_authors(raw) or read_authors(raw.get("source") or {}) or feed_authors,
        summary=summary,
        content=content,
        categories=_categories(raw),
        enclosures=_enclosures(raw, base),
        image=image.url or None,
        image_size=image.size,
    )


def read_title(raw: FeedparserData) -> str:
    """Return the title of a feed or an entry as plain text; "" if it has none."""
    detail = raw.get("title_detail") or {}
    is_html = str(detail.get("type", "text/plain")) != "text/plain"
    return title_to_text(_text(raw.get("title")), is_html=is_html)


def read_authors(raw: FeedparserData) -> str:
    """Return a single author as written, with the mail address, or the names of several, each once."""
    people = [_person(person) for person in raw.get("authors") or [] if person]
    if len(people) <= 1:  # "author" is the original text; feedparser's parts of it are incomplete
        people = [_text(raw.get("author")) or "".join(people) or _text(raw.get("googleplay_author"))]
    return ", ".join(dict.fromkeys(filter(None, (html_to_text(person[:MAX_AUTHOR]) for person in people))))


def _person(person: FeedparserData) -> str:
    return _text(person.get("name")) or _text(person.get("email"))


def strip_email_address(author: str) -> str:
    """Return an author without the mail address; "" if there is only an address.

    >>> strip_email_address("jane@example.org (Jane Doe)")
    'Jane Doe'
    """
    if not EMAIL.search(author):
        return author
    remaining = collapse_whitespace(EMAIL.sub(" ", author).replace("mailto:", " "))
    return collapse_whitespace(EMPTY_BRACKETS.sub(" ", remaining)).strip("()<>[]|,;- ")


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _link(raw: FeedparserData, base: str) -> str:
    """Return the URL of the entry's page: the publisher's before FeedBurner's, alternates before related links."""
    links = [link for link in raw.get("links") or [] if _text(link.get("href"))]
    alternates = [link["href"] for link in links if link.get("rel") == "alternate"]
    related = [link["href"] for link in links if link.get("rel") in ("related", "via")]
    identifier = _text(raw.get("id"))
    candidates = [
        _text(raw.get("feedburner_origlink")),
        _text(raw.get("link")),
        *alternates,
        *related,
        identifier if identifier.startswith(("http://", "https://")) else "",
        *(file.url for file in _enclosures(raw, base)),  # an entry may have only a recording and no page
    ]
    return next(
        (url for url in (resolve_web_url(candidate, base) for candidate in candidates if candidate) if url),
        "",
    )


def _id(raw: FeedparserData, link: str, title: str) -> str:
    """Return an id that is unique within the source: the entry's own id, or its link, or a hash of its text."""
    own_id = collapse_whitespace(_text(raw.get("id")))
    if own_id or link:
        return own_id or link
    text = "\n".join((title, _text(raw.get("published")), _text(raw.get("summary"))))
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _texts(raw: FeedparserData, base: str) -> _Texts:
    """Return the summary, and as content the longest content element or, if that is shorter, the summary.

    A text without markup is not returned as content if it is the summary.
    """
    contents = [part for part in raw.get("content") or [] if _text(part.get("value"))]
    summary, detail = _summary(raw)
    longest = max(contents, key=lambda part: len(part["value"]), default=None)
    if longest is not None and len(longest["value"]) >= len(summary):
        source, source_detail = longest["value"], longest
        summary = summary or source
    else:
        source, source_detail = summary, detail
    is_plain = source_detail.get("type") == "text/plain" and not has_markup(source)
    if is_plain or "<" not in source:
        # As HTML, plain text would lose every "<".
        source = "" if source.strip() == summary.strip() else f"<p>{source.replace('<', '&lt;')}</p>"
    return _Texts(summary, source, resolve_web_url(_text(source_detail.get("base")), base) or base)


def _mend(texts: _Texts, link: str) -> _Texts:
    summary, content = (
        drop_link_footers(show_emoji(text), link) if "<" in text else text
        for text in (texts.summary, texts.content)
    )
    return texts._replace(summary=summary, content=content)


def _summary(raw: FeedparserData) -> tuple[str, FeedparserData]:
    for key in SUMMARY_KEYS:
        text = _text(raw.get(key))
        if text:
            return text, raw.get(key + "_detail") or {}
    return "", {}


def _title_from_text(text: str) -> str:
    if len(text) < MIN_TITLE_FROM_TEXT:
        return ""
    if len(text) <= MAX_TITLE_FROM_TEXT:
        return text
    return text[:MAX_TITLE_FROM_TEXT].rsplit(" ", 1)[0].rstrip(" ,;:-") + "…"


def _date(raw: FeedparserData, *keys: str) -> datetime | None:
    """Return the first value that is a date. feedparser's own reading is not used: it fills in what is missing."""
    # Check `in` first: feedparser's dictionary returns "published" for "updated" if "updated" is missing.
    moments = (parse_date(_text(raw[key])) for key in keys if key in raw)
    return next((moment for moment in moments if moment), None)


def _categories(raw: FeedparserData) -> tuple[str, ...]:
    """Return both terms and labels, because either may name a place; each once, where it comes first."""
    names: list[str] = []
    for tag in raw.get("tags") or []:
        term, label = _text(tag.get("term")), _text(tag.get("label"))
        parts = term.split(",") if "itunes.com" in _text(tag.get("scheme")) else [term]
        names += [
            html_to_text(part) for part in (label, *parts) if not part.startswith(("http://", "https://"))
        ]
    unique: dict[str, str] = {}
    for name in filter(None, names):
        unique.setdefault(name.casefold(), name)
    return tuple(unique.values())[:MAX_CATEGORIES]


def _enclosures(raw: FeedparserData, base: str) -> tuple[Enclosure, ...]:
    declared = [link for link in raw.get("links") or [] if link.get("rel") == "enclosure"]
    files = [(resolve_web_url(_text(link.get("href")), base), _text(link.get("type"))) for link in declared]
    original = resolve_web_url(_text(raw.get("feedburner_origenclosurelink")), base)
    if original and len(files) == 1:  # FeedBurner's own URL counts listeners and ends with the service
        files = [(original, files[0][1])]
    return tuple(Enclosure(url, type_) for url, type_ in dict.fromkeys(files) if url)[:MAX_ENCLOSURES]


def _image(raw: FeedparserData, content: str, base: str) -> _Image:
    """Return the entry's image: of its media, thumbnails, enclosures, image element or text, in this order."""
    image_element = raw.get("image")
    candidates = [
        *_images(raw.get("media_content") or [], "url"),
        *(_Image(_text(item.get("url")), _declared_size(item)) for item in raw.get("media_thumbnail") or []),
        *_images((link for link in raw.get("links") or [] if link.get("rel") == "enclosure"), "href"),
        _Image(_text(image_element.get("href"))) if isinstance(image_element, Mapping) else _Image(""),
        _first_image_in(content),
    ]
    images = (image._replace(url=resolve_web_url(image.url, base)) for image in candidates if image.url)
    return next((image for image in images if image.url), _Image(""))


def _images(media: Iterable[FeedparserData], key: str) -> list[_Image]:
    return [
        _Image(_text(item.get(key)), _declared_size(item))
        for item in media
        if item.get("medium") == "image"
        or _text(item.get("type")).startswith("image/")
        or (not item.get("type") and not item.get("medium") and IMAGE_EXTENSION.search(_text(item.get(key))))
    ]


def _first_image_in(content: str) -> _Image:
    first = IMAGE_TAG.search(content)
    if first is None:
        return _Image("")
    sides = IMAGE_SIDE.findall(content, first.start(), content.find(">", first.end()))
    return _Image(first[1].replace("&amp;", "&"), _declared_size(dict(sides)))


def _declared_size(attributes: Mapping[str, Any]) -> ImageSize | None:
    return parse_image_size([_text(attributes.get("width")), _text(attributes.get("height"))])

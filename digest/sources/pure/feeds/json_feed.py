"""Parser for JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from datetime import datetime
from typing import Any

from digest.errors import NewsroomText
from digest.sources.pure.dates.date_parser import parse_date
from digest.sources.pure.entries import DocumentError, Enclosure, Entry, ParsedSource
from digest.sources.pure.feeds.entry_fields import MAX_CATEGORIES, MAX_ENCLOSURES, read_entry
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES
from digest.sources.pure.feeds.newest_entries import entry_limit_warning, newest_indexes
from digest.sources.pure.text.markup import resolve_web_url, title_to_text
from digest.sources.states import SourceKind


def read_json_feed(data: Any, *, url: str) -> ParsedSource:
    """Parse a JSON Feed. Members of a wrong type count as missing. Raises `DocumentError`."""
    items = data.get("items") if isinstance(data, dict) else None
    valid_items = [item for item in _list(items) if isinstance(item, dict)]
    if not isinstance(items, list) or not (
        "jsonfeed.org" in _text(data.get("version"))
        or _text(data.get("title"))
        or any(map(_has_content, valid_items))
    ):
        raise DocumentError(NewsroomText("this is JSON, but not a JSON Feed: it has no version and items"))
    warnings = (
        [] if len(valid_items) == len(items) else [f"{len(items) - len(valid_items)} items are not objects"]
    )
    if len(valid_items) > MAX_ENTRIES:
        dates = list(map(_date_of, valid_items))
        warnings.append(entry_limit_warning(len(valid_items), MAX_ENTRIES, by_date=any(dates)))
        kept = newest_indexes(dates, MAX_ENTRIES)
        valid_items = [item for index, item in enumerate(valid_items) if index in kept]
    authors = _authors(data)
    site = resolve_web_url(_text(data.get("home_page_url")), url)
    return ParsedSource(
        kind=SourceKind.FEED,
        title=title_to_text(_text(data.get("title")), is_html=False) or site or resolve_web_url(url),
        link=site,
        language=_text(data.get("language")),
        entries=tuple(_entry(item, base=site or url, authors=authors) for item in valid_items),
        warnings=tuple(warnings),
    )


def _has_content(item: dict[str, Any]) -> bool:
    """Return whether an item has one of JSON Feed's content members. Other JSON with "items" lacks them."""
    return bool(_text(item.get("content_text")) or _text(item.get("content_html")))


def _date_of(item: dict[str, Any]) -> datetime | None:
    return parse_date(_text(item.get("date_published"))) or parse_date(_text(item.get("date_modified")))


def _entry(item: dict[str, Any], *, base: str, authors: list[dict[str, str]]) -> Entry:
    """Convert an item to feedparser's keys and read it by the same rules as any other entry."""
    content = _text(item.get("content_html"))
    text = _text(item.get("content_text"))
    fields = {
        "id": _text(item.get("id")),
        "title": _text(item.get("title")),
        "link": _text(item.get("url")) or _text(item.get("external_url")),
        "summary": _text(item.get("summary")) or text,
        "summary_detail": {"type": "text/plain"},
        "content": [
            {"value": content, "type": "text/html"} if content else {"value": text, "type": "text/plain"}
        ],
        "published": _text(item.get("date_published")),
        "updated": _text(item.get("date_modified")),
        "authors": _authors(item) or authors,
        "tags": [{"term": _text(tag)} for tag in _list(item.get("tags"))[:MAX_CATEGORIES]],
        "links": [
            {"rel": "enclosure", "href": enclosure.url, "type": enclosure.type}
            for enclosure in _enclosures(item, base)
        ],
        "image": {"href": _text(item.get("image")) or _text(item.get("banner_image"))},
    }
    return read_entry(fields, base=base, feed_authors="")


def _enclosures(item: dict[str, Any], base: str) -> list[Enclosure]:
    attachments = [part for part in _list(item.get("attachments")) if isinstance(part, dict)]
    files = [
        Enclosure(resolve_web_url(_text(part.get("url")), base), _text(part.get("mime_type")))
        for part in attachments
    ]
    return [file for file in files if file.url][:MAX_ENCLOSURES]


def _authors(data: dict[str, Any]) -> list[dict[str, str]]:
    """Return the authors: `authors` of version 1.1, a list or one object, and `author` of version 1.0."""
    authors = data.get("authors")
    people = [*(authors if isinstance(authors, list) else [authors]), data.get("author")]
    return [{"name": _text(person.get("name"))} for person in people if isinstance(person, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """Return a string, or a number as text (some publishers use numbers as ids)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:100]
    if not isinstance(value, str):
        return ""
    # JSON can contain half of a surrogate pair, which is no character and cannot be stored.
    return value.encode("utf-8", "replace").decode().strip()

"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from typing import Any

from digest.sources.pure.entries import Enclosure, Entry, NotAFeedError, ParsedSource
from digest.sources.pure.feeds.entry_fields import MAX_CATEGORIES, MAX_ENCLOSURES, read_entry
from digest.sources.pure.feeds.feed_limits import MAX_ENTRIES
from digest.sources.pure.text.markup import title_text, web_url


def read_json_feed(data: Any, *, url: str) -> ParsedSource:
    """The JSON Feed in `data`; members of a wrong type count as missing. Raises `NotAFeedError`."""
    items = data.get("items") if isinstance(data, dict) else None
    good = [item for item in _list(items) if isinstance(item, dict)]
    if not isinstance(items, list) or not (
        "jsonfeed.org" in _text(data.get("version")) or _text(data.get("title")) or any(map(_speaks, good))
    ):
        raise NotAFeedError("this is JSON, but not a JSON Feed: it has no version and items")
    warnings = [] if len(good) == len(items) else [f"{len(items) - len(good)} items are not objects"]
    if len(good) > MAX_ENTRIES:
        warnings.append(f"only the first {MAX_ENTRIES} of {len(good)} entries were read")
    authors = _authors(data)
    site = web_url(_text(data.get("home_page_url")), url)
    return ParsedSource(
        kind="feed",
        title=title_text(_text(data.get("title")), is_html=False) or site or web_url(url),
        link=site,
        language=_text(data.get("language")),
        entries=tuple(_entry(item, base=site or url, authors=authors) for item in good[:MAX_ENTRIES]),
        warnings=tuple(warnings),
    )


def _speaks(item: dict[str, Any]) -> bool:
    """Whether an item has a text under one of JSON Feed's own names, which other JSON with "items" has not."""
    return bool(_text(item.get("content_text")) or _text(item.get("content_html")))


def _entry(item: dict[str, Any], *, base: str, authors: list[dict[str, str]]) -> Entry:
    """The item, by the same rules as any entry: in feedparser's words first, then read."""
    content = _text(item.get("content_html"))
    text = _text(item.get("content_text"))
    found = {
        "id": _text(item.get("id")),
        "title": _text(item.get("title")),
        "link": _text(item.get("url")) or _text(item.get("external_url")),
        "summary": _text(item.get("summary")) or text,
        "summary_detail": {"type": "text/plain"},
        "content": [{"value": content, "type": "text/html"}] if content else [],
        "published": _text(item.get("date_published")),
        "updated": _text(item.get("date_modified")),
        "authors": _authors(item) or authors,
        "tags": [{"term": _text(tag)} for tag in _list(item.get("tags"))[:MAX_CATEGORIES]],
        "links": [
            {"rel": "enclosure", "href": enclosure.url, "type": enclosure.type}
            for enclosure in _files(item, base)
        ],
        "image": {"href": _text(item.get("image")) or _text(item.get("banner_image"))},
    }
    return read_entry(found, base=base, feed_authors="")


def _files(item: dict[str, Any], base: str) -> list[Enclosure]:
    attachments = [part for part in _list(item.get("attachments")) if isinstance(part, dict)]
    files = [
        Enclosure(web_url(_text(part.get("url")), base), _text(part.get("mime_type"))) for part in attachments
    ]
    return [file for file in files if file.url][:MAX_ENCLOSURES]


def _authors(data: dict[str, Any]) -> list[dict[str, str]]:
    """Version 1.1's `authors`, which some write as one object, and version 1.0's `author`."""
    named = data.get("authors")
    people = [*(named if isinstance(named, list) else [named]), data.get("author")]
    return [{"name": _text(person.get("name"))} for person in people if isinstance(person, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    """A string, or the digits of a number (some publishers number their ids)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)[:100]
    if not isinstance(value, str):
        return ""
    # JSON can hold half a surrogate pair, which is no character and can't be stored.
    return value.encode("utf-8", "replace").decode().strip()

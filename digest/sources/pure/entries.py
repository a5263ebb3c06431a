"""The entries of a source, the same for every document format."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from digest.errors import InvalidInputError
from digest.sources.pure.feeds.skip_hours import NO_SKIPS, SkipSchedule
from digest.sources.states import SourceKind


class DocumentError(InvalidInputError):
    """The document is no feed, sitemap or news page that can be read. The message says why."""


ImageSize = tuple[int, int]  # width and height in pixels
MAX_IMAGE_SIDE = 20_000  # pixels; a larger number is a mistake of the publisher


@dataclass(frozen=True)
class Enclosure:
    """A file that belongs to an entry: a recording, an image or a document."""

    url: str
    type: str = ""


@dataclass(frozen=True)
class Entry:
    """An item that a source published. A missing field is "" or None."""

    id: str
    title: str  # plain text
    link: str = ""  # absolute http(s) URL
    published: datetime | None = None
    updated: datetime | None = None
    author: str = ""
    summary: str = ""  # plain text
    content: str = ""  # sanitised HTML
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    image: str | None = None
    image_size: ImageSize | None = None  # None if the source does not state it

    def as_json(self) -> dict[str, Any]:
        """Return the entry as `sources parse` prints it. Dates are ISO 8601 with a time zone."""
        return {
            **vars(self),  # quicker than `asdict`, which copies each value
            "published": _iso(self.published),
            "updated": _iso(self.updated),
            "categories": list(self.categories),
            "enclosures": [asdict(enclosure) for enclosure in self.enclosures],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Build an entry from the output of `as_json`."""
        return cls(
            **data
            | {
                "published": _datetime(data["published"]),
                "updated": _datetime(data["updated"]),
                "categories": tuple(data["categories"]),
                "enclosures": tuple(Enclosure(**enclosure) for enclosure in data["enclosures"]),
                "image_size": parse_image_size(data["image_size"]),
            }
        )


@dataclass(frozen=True)
class ParsedSource:
    """A parsed feed, sitemap or page. `ttl` is how long the publisher asks us to wait between two polls."""

    kind: SourceKind
    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    warnings: tuple[str, ...] = ()
    ttl: timedelta | None = None
    skips: SkipSchedule = NO_SKIPS  # the hours and days at which the publisher wants no polls
    children: tuple[str, ...] = ()  # URLs of the sitemaps in a sitemap index, newest first

    def as_json(self) -> dict[str, Any]:
        """Return the source as `sources parse` prints it."""
        return {
            "kind": self.kind,
            "title": self.title,
            "link": self.link,
            "language": self.language,
            "entries": [entry.as_json() for entry in self.entries],
            "warnings": list(self.warnings),
            "ttl": self.ttl.total_seconds() if self.ttl else None,
            "skips": asdict(self.skips),
            "children": list(self.children),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Build a source from the output of `as_json`."""
        return cls(
            **data
            | {
                "kind": SourceKind(data["kind"]),
                "entries": tuple(Entry.from_json(entry) for entry in data["entries"]),
                "warnings": tuple(data["warnings"]),
                "ttl": timedelta(seconds=data["ttl"]) if data["ttl"] is not None else None,
                "skips": SkipSchedule(**data["skips"]),
                "children": tuple(data["children"]),
            }
        )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def parse_image_size(values: Sequence[object] | None) -> ImageSize | None:
    """Return an image's width and height as a document states them; None unless both are plausible."""
    numbers = [int(value) for value in map(str, values or ()) if re.fullmatch("[0-9]{1,5}", value)]
    return (
        (numbers[0], numbers[1])
        if len(numbers) == 2 and 0 < min(numbers) <= max(numbers) <= MAX_IMAGE_SIDE
        else None
    )

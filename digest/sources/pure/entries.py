"""What a source yields, whatever wire format it came in."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from digest.errors import InvalidInputError
from digest.sources.pure.feeds.skip_hours import NO_SKIPS, Skips


class NotAFeedError(InvalidInputError):
    """The body is neither a feed nor a sitemap; the text says what it looks like instead."""


Size = tuple[int, int]  # width and height in pixels
LARGEST = 20_000  # pixels; what is said to be wider or higher is a slip


@dataclass(frozen=True)
class Enclosure:
    """A file that belongs to an entry: a recording, a picture, a document."""

    url: str
    type: str = ""


@dataclass(frozen=True)
class Entry:
    """One thing a source published; what it did not say is "" or None."""

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
    image_size: Size | None = None  # of that picture, where the source says it

    def as_json(self) -> dict[str, Any]:
        """The entry as `sources parse` prints it; dates are ISO 8601 with a zone."""
        dates = {"published": _iso(self.published), "updated": _iso(self.updated)}
        return {**asdict(self), **dates, "categories": list(self.categories)} | {
            "enclosures": [asdict(enclosure) for enclosure in self.enclosures]
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """The entry that `as_json` wrote."""
        return cls(
            **data
            | {
                "published": _datetime(data["published"]),
                "updated": _datetime(data["updated"]),
                "categories": tuple(data["categories"]),
                "enclosures": tuple(Enclosure(**enclosure) for enclosure in data["enclosures"]),
                "image_size": as_size(data["image_size"]),
            }
        )


@dataclass(frozen=True)
class ParsedSource:
    """A feed or a sitemap, read. `ttl` is how long the publisher asks us to wait between two looks."""

    kind: Literal["feed", "sitemap", "page"]
    title: str = ""
    link: str = ""
    language: str = ""
    entries: tuple[Entry, ...] = ()
    warnings: tuple[str, ...] = ()
    ttl: timedelta | None = None
    skips: Skips = NO_SKIPS  # when the publisher wants no polls
    children: tuple[str, ...] = ()  # of an index of sitemaps: their addresses, the newest first

    def as_json(self) -> dict[str, Any]:
        """The source as `sources parse` prints it."""
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
        """The source that `as_json` wrote."""
        return cls(
            **data
            | {
                "entries": tuple(Entry.from_json(entry) for entry in data["entries"]),
                "warnings": tuple(data["warnings"]),
                "ttl": timedelta(seconds=data["ttl"]) if data["ttl"] is not None else None,
                "skips": Skips(**data["skips"]),
                "children": tuple(data["children"]),
            }
        )


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def as_size(said: Sequence[object] | None) -> Size | None:
    """A picture's width and height as some document says them, if they can be."""
    numbers = [int(one) for one in map(str, said or ()) if re.fullmatch("[0-9]{1,5}", one)]
    return (
        (numbers[0], numbers[1])
        if len(numbers) == 2 and 0 < min(numbers) <= max(numbers) <= LARGEST
        else None
    )

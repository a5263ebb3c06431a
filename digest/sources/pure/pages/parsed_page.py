"""What a web page of a news site yields: its own article, and the headlines that it lists."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from digest.sources.pure.entries import Entry, ParsedSource, Size, as_size
from digest.sources.pure.pages.headline_lists import Listed
from digest.sources.pure.text.markup import without_fragment

SUMMARY = 2_000  # characters of the body that stand in for a summary


@dataclass(frozen=True)
class ParsedPage:
    """An article page or section page, read; what it did not say is "" or None.

    `date` is the day as written there (YYYY-MM-DD), `moment` the same in UTC; `is_article` tells whether the page
    is an article itself rather than a list of others.
    """

    headline: str
    date: str | None = None
    moment: datetime | None = None
    body: str = ""  # paragraphs, one a line
    author: str = ""
    image: str = ""
    image_size: Size | None = None
    language: str = ""
    site: str = ""
    side_list: tuple[Listed, ...] = ()
    is_article: bool = False
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The page as `sources parse` prints it."""
        listed = [
            {"title": one.title, "date": one.day or None, "href": one.href or None} for one in self.side_list
        ]
        return {
            "kind": "page",
            "headline": self.headline,
            "date": self.date,
            "body": self.body,
            "author": self.author,
            "image": self.image or None,
            "language": self.language,
            "side_list": listed,
            "warnings": list(self.warnings),
        }

    def as_letter(self) -> dict[str, Any]:
        """All of it as JSON, for `from_letter` in another process."""
        listed = [{**asdict(one), "moment": _iso(one.moment)} for one in self.side_list]
        return {**asdict(self), "moment": _iso(self.moment), "side_list": listed, "kind": "page"}

    @classmethod
    def from_letter(cls, data: dict[str, Any]) -> Self:
        """The page that `as_letter` wrote."""
        listed = tuple(Listed(**one | {"moment": _moment(one["moment"])}) for one in data["side_list"])
        rest = {key: value for key, value in data.items() if key != "kind"}
        return cls(
            **rest
            | {"moment": _moment(data["moment"]), "side_list": listed, "warnings": tuple(data["warnings"])}
            | {"image_size": as_size(data["image_size"])}
        )

    def as_source(self, url: str) -> ParsedSource:
        """The page at `url` as the source that it is."""
        return ParsedSource(
            kind="page",
            title=self.site or self.headline,
            link=url,
            language=self.language,
            entries=self.entries(url),
            warnings=self.warnings,
        )

    def entries(self, url: str) -> tuple[Entry, ...]:
        """The page at `url` as entries: its own article first, if it is one, then what it lists and links to."""
        here = without_fragment(url)
        own = Entry(
            id=here,
            title=self.headline,
            link=here,
            published=self.moment,
            author=self.author,
            summary=self.body[:SUMMARY],
            content=self.body,
            image=self.image or None,
            image_size=self.image_size,
        )
        listed = {
            one.href: Entry(id=one.href, title=one.title, link=one.href, published=one.moment)
            for one in self.side_list
            if one.href and without_fragment(one.href) != here
        }
        return ((own,) if self.is_article and self.headline else ()) + tuple(listed.values())


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

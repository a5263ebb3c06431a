"""The content of a news page: its own article, and the headlines that it lists."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Self

from digest.sources.pure.entries import Entry, ImageSize, ParsedSource, parse_image_size
from digest.sources.pure.pages.headline_lists import ListedHeadline
from digest.sources.pure.text.markup import strip_fragment
from digest.sources.states import SourceKind

MAX_SUMMARY_LENGTH = 2_000  # characters of the body that are used as a summary


@dataclass(frozen=True)
class ParsedPage:
    """A parsed article page or section page. A missing value is "" or None.

    `date` is the day as written (YYYY-MM-DD), `moment` the same date in UTC. `is_article` is false for a page that
    only lists articles.
    """

    headline: str
    date: str | None = None
    moment: datetime | None = None
    body: str = ""  # one paragraph a line
    author: str = ""
    image: str = ""
    image_size: ImageSize | None = None
    language: str = ""
    site: str = ""
    side_list: tuple[ListedHeadline, ...] = ()
    is_article: bool = False
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The page as `sources parse` prints it."""
        return {
            "kind": SourceKind.PAGE,
            "headline": self.headline,
            "date": self.date,
            "body": self.body,
            "author": self.author,
            "image": self.image or None,
            "language": self.language,
            "side_list": [
                {"title": listed.title, "date": listed.day or None, "href": listed.href or None}
                for listed in self.side_list
            ],
            "warnings": list(self.warnings),
        }

    def serialize(self) -> dict[str, Any]:
        """The whole page as JSON, for `deserialize` in another process."""
        listed = [{**asdict(headline), "moment": _to_iso(headline.moment)} for headline in self.side_list]
        changed = {"moment": _to_iso(self.moment), "side_list": listed, "kind": SourceKind.PAGE}
        return asdict(self) | changed

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> Self:
        """The page that `serialize` wrote."""
        fields = {key: value for key, value in data.items() if key != "kind"}
        fields["moment"] = _from_iso(data["moment"])
        fields["image_size"] = parse_image_size(data["image_size"])
        fields["warnings"] = tuple(data["warnings"])
        fields["side_list"] = tuple(
            ListedHeadline(**listed | {"moment": _from_iso(listed["moment"])}) for listed in data["side_list"]
        )
        return cls(**fields)

    def as_source(self, url: str) -> ParsedSource:
        """The page at `url` as a source of entries; its title is the site's name, not that of today's article."""
        return ParsedSource(
            kind=SourceKind.PAGE,
            title=self.site,
            link=url,
            language=self.language,
            entries=self.entries(url),
            warnings=self.warnings,
        )

    def entries(self, url: str) -> tuple[Entry, ...]:
        """The entries of the page at `url`: its own article, if it is one, and then the articles that it links to."""
        own_url = strip_fragment(url)
        own_entry = Entry(
            id=own_url,
            title=self.headline,
            link=own_url,
            published=self.moment,
            author=self.author,
            summary=self.body[:MAX_SUMMARY_LENGTH],
            content=self.body,
            image=self.image or None,
            image_size=self.image_size,
        )
        linked = {
            listed.href: Entry(id=listed.href, title=listed.title, link=listed.href, published=listed.moment)
            for listed in self.side_list
            if listed.href and strip_fragment(listed.href) != own_url
        }
        return ((own_entry,) if self.is_article and self.headline else ()) + tuple(linked.values())


def _to_iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _from_iso(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None

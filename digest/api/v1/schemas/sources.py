"""The models of sources and of their polls."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from digest.api.v1.answers import PageQuery
from digest.api.v1.schemas.base import Answer, Body
from digest.articles.pure.cleaning import EXCERPT_LENGTH
from digest.articles.source_status import SourceStatus
from digest.sources.models import SourcePoll
from digest.sources.pure.folders import MAX_PATH_LENGTH
from digest.sources.states import PollOutcome, SourceKind, SourceState

MAX_SOURCE_WEIGHT = 4  # as in the newsroom
SOURCE_DETAILS = ("title", "home", "folder", "attribution", "excerpt_length", "weight")


class SourceQuery(PageQuery):
    """Which sources are asked for."""

    q: str = Field("", max_length=200, description="Text in the title or address.")
    condition: str = Field(
        "", max_length=20, description="`trouble` for every condition that needs attention, or one condition."
    )
    folder: str = Field(
        "",
        max_length=MAX_PATH_LENGTH,
        description="Path of a folder, those in it included; `/` for no folder.",
    )


class SourceOut(Answer):
    """A feed, sitemap or page that is polled, and how it does."""

    id: int
    url: str
    kind: SourceKind
    title: str
    state: SourceState
    home: str = Field(description="Country of the publisher, a hint for the tagger; empty for none.")
    folder: str = Field(description="Path of its folder, as in `Asia/Central`; empty for none.")
    language: str
    attribution: str
    excerpt_length: int
    weight: float
    condition: str
    trouble: bool = Field(description="Whether somebody should look at it.")
    message: str = Field(description="What is wrong, in words.")
    advice: str
    failures: int
    error: str
    articles_today: int
    articles_a_day: float | None
    held: int = Field(description="Articles that wait for an editor.")
    last_success_at: datetime | None
    last_new_at: datetime | None
    last_polled_at: datetime | None
    next_poll_at: datetime | None

    @classmethod
    def of(cls, status: SourceStatus) -> "SourceOut":
        """The source with its status."""
        source, health = status.source, status.health
        names = (
            "id",
            "url",
            "kind",
            "title",
            "state",
            "home",
            "folder",
            "language",
            "attribution",
            "excerpt_length",
            "weight",
        )
        moments = ("last_success_at", "last_new_at", "last_polled_at")
        return cls(
            **{name: getattr(source, name) for name in (*names, *moments, "failures")},
            error=source.last_error,
            condition=health.condition,
            trouble=health.needs_attention,
            message=health.message,
            advice=health.advice,
            articles_today=status.new_today,
            articles_a_day=None if status.per_day is None else round(status.per_day, 2),
            held=status.held,
            next_poll_at=status.next_poll_at,
        )


class NewSource(Body):
    """The address of a feed, of a site that names one, or of a page that lists dated headlines."""

    url: str = Field(min_length=4, max_length=2000, examples=["https://news.example.org/feed.xml"])
    kind: Literal["", "page"] = Field("", description="`page`: the page itself, not the feeds that it names.")
    folder: str = Field("", max_length=MAX_PATH_LENGTH, description="Path of the folder that it is put in.")


class SourceChange(Body):
    """What is to change of a source; fields that are left out stay."""

    title: str | None = Field(None, max_length=200)
    home: str | None = Field(None, pattern="^([A-Z]{2})?$")
    folder: str | None = Field(
        None,
        max_length=MAX_PATH_LENGTH,
        description="Path of its folder, which need not exist yet; empty for none.",
    )
    attribution: str | None = Field(None, max_length=200)
    excerpt_length: int | None = Field(None, ge=0, le=EXCERPT_LENGTH)
    weight: float | None = Field(None, ge=0, le=MAX_SOURCE_WEIGHT)
    state: SourceState | None = Field(None, description="`stopped` ends polling, `active` begins it again.")


class PollOut(Answer):
    """A poll of a source; or several in a row on one UTC day that ended alike and brought nothing."""

    id: int
    outcome: PollOutcome = Field(
        description="`read`: a new document; `unchanged`: status 304 or the same document; `failed`."
    )
    status: int | None = Field(description="Status of HTTP; null without an answer.")
    error: str = Field(description="Why it failed, in words.")
    polls: int = Field(description="How many polls this stands for.")
    first_at: datetime
    last_at: datetime
    duration_ms: int = Field(
        description="From the request to the end of the answer, of all these polls together."
    )
    slowest_ms: int = Field(description="Of the slowest of these polls.")
    size: int | None = Field(description="Octets of the newest document, unpacked; null without one.")
    entries: int = Field(description="Entries that the newest document lists.")
    new: int = Field(description="New articles.")
    changed: int = Field(description="Articles that changed.")
    held: int = Field(description="New articles that are held for an editor.")

    @classmethod
    def of(cls, row: SourcePoll) -> "PollOut":
        """The poll as it is kept."""
        names = cls.model_fields.keys() - {"status", "size"}
        return cls(
            **{name: getattr(row, name) for name in names}, status=row.status or None, size=row.size or None
        )

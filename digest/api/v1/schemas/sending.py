"""The models of editions, digests, deliveries and previews."""

from datetime import datetime
from typing import Literal

from pydantic import Field, model_validator

from digest.api.v1.answers import PageQuery
from digest.api.v1.schemas.base import Answer, Body, Moment, RegionSlug
from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState
from digest.editions.models import Digest, Edition
from digest.editions.pure.day_notes import MAX_NOTE_LENGTH
from digest.editions.states import EditionKind, EditionState
from digest.subscribers.pure.email_address import redact_addresses
from digest.subscribers.states import DigestSize, OptionalKind

MAX_REGIONS = 50  # of an audience or a preview
MAX_RATE = 99_999  # mails a second
LONGEST_LOOK_BACK = 24 * 31  # hours


class AudienceBody(Body):
    """Which subscribers an edition is for."""

    kind: Literal["due", "everyone", "regions"] = Field(
        description="`due`: who is due now. `everyone`: all active ones. `regions`: active ones who chose any country "
        "of `regions`, also as a part of a larger region: who chose the world gets it too."
    )
    regions: list[RegionSlug] = Field(default_factory=list, max_length=MAX_REGIONS)

    @model_validator(mode="after")
    def require_regions(self) -> "AudienceBody":
        """Regions belong to the kind `regions`, and only to it."""
        if bool(self.regions) != (self.kind == "regions"):
            raise ValueError(
                "`regions` needs at least one region with the kind `regions`, and none with the others"
            )
        return self


class ReachBody(AudienceBody):
    """An audience, and how many hours of news it gets."""

    hours: int = Field(
        0, ge=0, le=LONGEST_LOOK_BACK, description="0: all news since each subscriber's last digest."
    )


class NewEdition(Body):
    """A manual edition, as a draft."""

    audience: AudienceBody
    note: str = Field(
        "", max_length=MAX_NOTE_LENGTH, description="Markdown, shown at the top of every digest."
    )
    hours: int = Field(
        0, ge=0, le=LONGEST_LOOK_BACK, description="0: all news since each subscriber's last digest."
    )


class Reach(Answer):
    """How many subscribers an audience has, and how many of them there is news for."""

    subscribers: int
    deliveries: int = Field(description="Subscribers for whom there is news.")
    digests: int


class AudienceOut(Answer):
    """Which subscribers an edition is for. The address of a test is not shown."""

    kind: Literal["due", "everyone", "regions", "address"]
    regions: list[str]


class EditionQuery(PageQuery):
    """Which editions are asked for; the newest come first."""

    kind: EditionKind | None = None
    state: EditionState | None = None


class EditionOut(Answer):
    """All digests of one cutoff."""

    id: int
    kind: EditionKind
    state: EditionState
    slot: str | None = Field(description="Of a scheduled edition: its quarter of an hour, in UTC.")
    audience: AudienceOut
    note: str
    hours: int
    stopped: str = Field(description="Why it was paused by itself; empty if it was not.")
    per_second: int = Field(description="Mails a second at most; 0: no limit.")
    cutoff: datetime
    created_at: datetime
    frozen_at: datetime | None
    send_at: datetime | None
    finished_at: datetime | None

    @classmethod
    def of(cls, row: Edition) -> "EditionOut":
        """The edition."""
        names = (
            "id", "kind", "state", "note", "hours", "cutoff", "created_at", "frozen_at", "send_at", "finished_at"
        )  # fmt: skip
        audience = AudienceOut(kind=row.audience["kind"], regions=list(row.audience.get("regions", ())))
        return cls(
            **{name: getattr(row, name) for name in names},
            slot=row.slot if row.kind == EditionKind.SCHEDULED else None,
            audience=audience,
            stopped=row.reason,
            per_second=row.rate,
        )


class Release(Body):
    """When a frozen edition is sent."""

    at: Moment | None = Field(None, description="null: now.")


class Rate(Body):
    """How fast an edition is sent."""

    per_second: int = Field(ge=0, le=MAX_RATE, description="0: no limit.")


class Progress(Answer):
    """How far an edition is: due = accepted + … + open."""

    state: EditionState
    due: int
    by_state: dict[DeliveryState, int]
    open: int = Field(description="Still to be sent.")
    per_second: float = Field(description="Mails that were accepted a second, over the last ten seconds.")
    summary: str


class EditionFeedback(Answer):
    """How many subscribers gave feedback about an edition."""

    bounced: int = Field(description="Their mail came back after the mail server had accepted it.")
    complained: int
    unsubscribed: int = Field(description="They unsubscribed when this was the last mail they had.")


class Cancelled(Answer):
    """A cancelled edition."""

    not_sent: int
    edition: EditionOut


class DigestOut(Answer):
    """What one group of subscribers gets from an edition."""

    id: int
    preferences_key: str
    window_start: datetime
    subject: str
    story_ids: list[int]
    hash: str

    @classmethod
    def of(cls, row: Digest) -> "DigestOut":
        """The digest with its stories in their order."""
        names = cls.model_fields.keys() - {"story_ids"}
        stories = [story_id for section in row.sections for story_id, _version in section.stories]
        return cls(**{name: getattr(row, name) for name in names}, story_ids=stories)


class DeliveryQuery(PageQuery):
    """Which deliveries are asked for."""

    state: DeliveryState | None = None


class DeliveryOut(Answer):
    """One subscriber's copy of an edition, and what became of it. A test has no subscriber."""

    id: int
    edition_id: int
    digest_id: int
    subscriber_id: int | None
    state: DeliveryState
    attempts: int
    in_doubt: bool
    planned_at: datetime
    finished_at: datetime | None
    answer: str = Field(description="What the mail server said, without addresses.")

    @classmethod
    def of(cls, row: Delivery) -> "DeliveryOut":
        """The delivery, without addresses in the answer."""
        values = {name: getattr(row, name) for name in cls.model_fields if name != "answer"}
        return cls(**values, answer=redact_addresses(row.answer))


class PreviewBody(Body):
    """For whom a digest is previewed."""

    regions: list[RegionSlug] = Field(min_length=1, max_length=MAX_REGIONS, examples=[["central-asia"]])
    language: str = Field("en", max_length=16)
    size: DigestSize = DigestSize.STANDARD
    hours: int = Field(24, ge=1, le=LONGEST_LOOK_BACK)
    kinds: list[OptionalKind] | None = Field(None, max_length=10)
    note: str = Field("", max_length=MAX_NOTE_LENGTH)


class PreviewStoryOut(Answer):
    """A story of a preview."""

    id: int
    title: str
    url: str
    countries: list[str]
    regions: list[str]
    sources: list[str]


class PreviewOut(Answer):
    """A digest as a subscriber would get it now."""

    subject: str
    preheader: str
    stories: list[PreviewStoryOut]
    html: str
    text: str


class TrialMail(PreviewBody):
    """A digest to one address, as a test. No subscriber's window moves."""

    email: str = Field(max_length=320, examples=["editor@example.org"])

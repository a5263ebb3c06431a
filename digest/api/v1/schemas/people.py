"""The models of subscribers, suppressions and feedback."""

from datetime import datetime

from pydantic import Field

from digest.api.v1.answers import PageQuery
from digest.api.v1.schemas.base import Answer, Body, Moment, RegionSlug, RowId
from digest.feedback.models import Feedback
from digest.feedback.states import FeedbackKind
from digest.subscribers.models import Subscriber, Suppression
from digest.subscribers.pure.content_choices import MAX_LANGUAGES, NO_KINDS
from digest.subscribers.pure.email_address import redact_addresses
from digest.subscribers.pure.subscription import MAX_REGIONS
from digest.subscribers.states import Cadence, DigestSize, OptionalKind, SubscriberState, SuppressionReason

MAX_NEW_SUBSCRIBERS = 500  # of one request, which takes about a second
MAX_WORDING_LENGTH = 2000  # characters of what somebody agreed to


class SubscriberQuery(PageQuery):
    """Which subscribers are asked for."""

    state: SubscriberState | None = None
    email: str | None = Field(None, max_length=320, description="The whole address; case is ignored.")


class SubscriptionBody(Body):
    """What a subscriber gets, and when. Fields that are left out stay, or get the site's defaults."""

    regions: list[RegionSlug] | None = Field(
        None,
        max_length=MAX_REGIONS,
        description="In the order of the digest.",
        examples=[["central-asia", "ge"]],
    )
    cadence: Cadence | None = None
    weekday: int | None = Field(None, ge=0, le=6, description="Of a weekly digest; Monday is 0.")
    time: str | None = Field(
        None, max_length=5, description="HH:MM, in steps of 15 minutes.", examples=["07:15"]
    )
    zone: str | None = Field(None, max_length=64, description="IANA.", examples=["Asia/Tashkent"])
    language: str | None = Field(None, max_length=16)
    size: DigestSize | None = None
    kinds: list[OptionalKind] | None = Field(
        None, max_length=10, description="Kinds of articles beside hard news; [] for none."
    )
    languages_read: list[str] | None = Field(None, max_length=MAX_LANGUAGES)
    show_why: bool | None = None

    def as_values(self) -> dict[str, str]:
        """The fields that were given, as a form has them."""
        given = self.model_dump(exclude_none=True, mode="json", include=set(SubscriptionBody.model_fields))
        given.pop("regions", None)
        if "kinds" in given:
            given["kinds"] = " ".join(given["kinds"]) or NO_KINDS
        if "languages_read" in given:
            given["languages_read"] = " ".join(given["languages_read"])
        if "show_why" in given:
            given["show_why"] = "yes" if given["show_why"] else "no"
        return {name: str(value) for name, value in given.items()}


class ConsentProof(Body):
    """How somebody agreed elsewhere: when, and to which words."""

    wording: str = Field(min_length=10, max_length=MAX_WORDING_LENGTH)
    at: Moment


class NewSubscriber(SubscriptionBody):
    """A new subscriber. Without a proof of consent they get a letter, and nothing else before they confirm."""

    email: str = Field(max_length=320, examples=["ann@example.org"])
    regions: list[RegionSlug] = Field(min_length=1, max_length=MAX_REGIONS, examples=[["central-asia"]])
    consent: ConsentProof | None = None


class NewSubscribers(Body):
    """New subscribers, at most 500 at a time."""

    subscribers: list[NewSubscriber] = Field(min_length=1, max_length=MAX_NEW_SUBSCRIBERS)


class NewSubscribersAnswer(Answer):
    """What became of them, as counts."""

    asked: int = Field(description="By a letter, without saying who is known already.")
    added: int = Field(description="With a proof of consent; active now.")
    known: int = Field(description="With a proof of consent; subscribers already, in whatever state.")
    suppressed: int = Field(description="With a proof of consent; nothing may be sent to them.")


class SignUp(SubscriptionBody):
    """Somebody who wants digests."""

    email: str = Field(max_length=320, examples=["ann@example.org"])
    regions: list[RegionSlug] = Field(min_length=1, max_length=MAX_REGIONS, examples=[["central-asia"]])


class SignUpAnswer(Answer):
    """What to tell the person: the same for every address."""

    message: str


class SubscriberReference(Answer):
    """A subscriber who was added; null if a letter asks them first."""

    id: int | None
    state: str = Field(description="`active`, or `asked` if a letter asks them to confirm.")


class SubscriberOut(Answer):
    """A person who asked for digests."""

    id: int
    email: str
    state: SubscriberState
    regions: list[str]
    cadence: Cadence
    weekday: int
    time: str
    zone: str
    language: str
    size: DigestSize
    kinds: list[OptionalKind] | None = Field(description="null: the site's default.")
    languages_read: list[str]
    show_why: bool
    created_at: datetime
    confirmed_at: datetime | None
    paused_until: datetime | None
    left_at: datetime | None
    next_due_at: datetime | None

    @classmethod
    def of(cls, row: Subscriber) -> "SubscriberOut":
        """The subscriber with their preferences."""
        preferences, content = row.preferences, row.preferences.content
        names = (
            "id", "email", "state", "cadence", "weekday", "zone", "created_at", "confirmed_at", "paused_until",
            "left_at", "next_due_at",
        )  # fmt: skip
        return cls(
            **{name: getattr(row, name) for name in names},
            regions=list(preferences.regions),
            time=f"{row.send_minute // 60:02d}:{row.send_minute % 60:02d}",
            language=preferences.language,
            size=preferences.size,
            kinds=None if content.kinds is None else list(content.kinds),
            languages_read=list(content.languages_read),
            show_why=content.show_why,
        )


class Pause(Body):
    """Until when nothing is sent; at most a year."""

    until: Moment


class ConsentOut(Answer):
    """A step by which somebody consented."""

    at: datetime
    action: str
    origin: str
    wording: str


class LetterOut(Answer):
    """A transactional mail to a subscriber."""

    id: int
    kind: str
    state: str
    created_at: datetime
    attempts: int
    answer: str


class NoteOut(Answer):
    """What the newsroom wrote down about a subscriber."""

    author: str
    created_at: datetime
    changed_at: datetime | None
    text: str


class ReceivedOut(Answer):
    """A delivery to a subscriber."""

    id: int
    edition_id: int
    digest_id: int
    state: str
    subject: str
    planned_at: datetime
    finished_at: datetime | None
    answer: str


class FeedbackQuery(PageQuery):
    """Which feedback is asked for; the newest comes first."""

    kind: FeedbackKind | None = None
    reason: str = Field("", max_length=32)
    domain: str = Field("", max_length=253)
    subscriber: RowId | None = None
    edition: RowId | None = None


class FeedbackOut(Answer):
    """A bounce, a complaint, or an unsubscription."""

    id: int
    at: datetime
    kind: FeedbackKind
    origin: str
    subscriber_id: int
    delivery_id: int | None
    edition_id: int | None
    severity: str
    status: str
    reason: str
    words: str = Field(description="What the mail server said, without addresses.")
    domain: str

    @classmethod
    def of(cls, row: Feedback) -> "FeedbackOut":
        """The feedback, without addresses in its words."""
        values = {name: getattr(row, name) for name in cls.model_fields if name != "words"}
        return cls(**values, words=redact_addresses(row.words))


class History(Answer):
    """What is stored about a subscriber: consents, letters, notes, the newest deliveries, and feedback."""

    consents: list[ConsentOut]
    letters: list[LetterOut]
    notes: list[NoteOut]
    deliveries: list[ReceivedOut]
    feedback: list[FeedbackOut]


class SuppressionQuery(PageQuery):
    """Which suppressions are asked for."""

    reason: SuppressionReason | None = None
    email: str | None = Field(None, max_length=320, description="The whole address.")


class SuppressionOut(Answer):
    """An address that is never written to, as a keyed hash."""

    address_hash: str
    reason: SuppressionReason
    at: datetime
    subscriber_id: int | None
    detail: str

    @classmethod
    def of(cls, row: Suppression) -> "SuppressionOut":
        """The suppression."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class AddressBody(Body):
    """An address of a subscriber, or of somebody else."""

    email: str = Field(max_length=320, examples=["ann@example.org"])


class Lift(AddressBody):
    """The address that may be written to again."""

    mistaken: bool = Field(
        False,
        description="The bounce was not the fault of the address: the subscriber gets digests as before.",
    )


class LiftedOut(Answer):
    """What became of the subscriber with the address; null if there is none."""

    state: SubscriberState | None

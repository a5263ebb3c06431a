"""What planning and composing need to know of an edition and of preferences, whether or not these are stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from digest.subscribers.pure.content_choices import DEFAULT_CONTENT, ContentChoices
from digest.subscribers.states import DigestSize

# An article gets its time a moment before its transaction commits, and the clocks of several machines differ a little.
# A cutoff this far in the past makes sure that every article from before the cutoff is visible to the planner.
CUTOFF_MARGIN = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class EditionSpec:
    """What decides who gets which digest of an edition. `id` is None for an edition that is not stored.

    `hours` is how far back the edition looks at most; 0 is everything since each subscriber's last digest.
    """

    id: int | None
    cutoff: datetime
    hours: int = 0
    note: str = ""
    notes_at: datetime | None = None  # when the notes of the day must be in force; None: it has none of these
    is_first: bool = (
        False  # whether its digests are the first of their subscribers, and say so in their subjects
    )


class DigestPreferences(Protocol):
    """The preferences that a digest is composed for: a `PreferencesSpec` or a stored row."""

    @property
    def key(self) -> str: ...

    @property
    def regions(self) -> Sequence[str]: ...

    @property
    def language(self) -> str: ...

    @property
    def size(self) -> DigestSize: ...

    @property
    def content(self) -> ContentChoices: ...


@dataclass(frozen=True, slots=True)
class PreferencesSpec:
    """Preferences that are not stored. `key` is needed only for a digest that is stored."""

    regions: Sequence[str]
    language: str
    size: DigestSize = DigestSize.STANDARD
    content: ContentChoices = DEFAULT_CONTENT
    key: str = ""


def preferences_spec(preferences: DigestPreferences) -> PreferencesSpec:
    """Preferences as values, which do not change when their row does."""
    return PreferencesSpec(
        tuple(preferences.regions),
        preferences.language,
        preferences.size,
        preferences.content,
        preferences.key,
    )

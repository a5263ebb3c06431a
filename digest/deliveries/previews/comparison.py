"""Remembers what an editor saw of an edition that is not sent yet, and says what is different now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.database import Database, Tx
from digest.deliveries.planning.manual_editions import count_audience
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews.draft_preview import load_edition_draft
from digest.deliveries.pure.audience import Audience
from digest.deliveries.pure.draft_comparison import ListedStory, StoryDifference, compare
from digest.deliveries.store import windows
from digest.editions.models import Edition
from digest.editions.states import EDITABLE_STATES, EditionState
from digest.editions.store import editions, snapshots
from digest.errors import ConflictError, NewsroomText

COMPARED_STATES = (*EDITABLE_STATES, EditionState.FREEZING, EditionState.FROZEN)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different since somebody saw an edition: its stories, and how many mails it would be."""

    at: datetime
    author: str
    stories: Sequence[StoryDifference]
    mails_before: int
    mails_now: int


def remember(db: Database, planner: Planner, edition_id: int, *, author: str, now: datetime) -> None:
    """Keep what there is of an edition now, to compare with later. Raises NotFoundError, ConflictError."""
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
        _require_unsent(edition)
        listed = _listed(tx, planner, edition, now)
    mails = _count_mails(db, planner, edition, now)
    stories = [[story.id, story.title, list(story.countries)] for story in listed]
    with db.begin() as tx:
        snapshots.save(tx, edition_id, stories, mails=mails, author=author, now=now)


def compare_with_seen(db: Database, planner: Planner, edition_id: int, now: datetime) -> Comparison | None:
    """What has changed since an edition was last remembered; None if it never was. Raises as `remember` does."""
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
        _require_unsent(edition)
        seen = snapshots.find(tx, edition_id)
        if seen is None:
            return None
        listed = _listed(tx, planner, edition, now)
    earlier = [ListedStory(number, title, tuple(countries)) for number, title, countries in seen.stories]
    mails = _count_mails(db, planner, edition, now)
    return Comparison(seen.at, seen.author, compare(earlier, listed), seen.mails, mails)


def _listed(tx: Tx, planner: Planner, edition: Edition, now: datetime) -> list[ListedStory]:
    draft = load_edition_draft(tx, planner, edition, now)
    return [ListedStory(story.id, story.title, story.countries) for story in draft.stories]


def _count_mails(db: Database, planner: Planner, edition: Edition, now: datetime) -> int:
    """How many mails an edition would be: by the code that plans; of a frozen one, as its digests say."""
    if edition.state == EditionState.FROZEN:
        with db.read() as tx:
            return windows.count_reachable(tx, edition.id)
    audience = Audience.from_json(edition.audience)
    at = max(now, edition.cutoff)  # who is due at the slot of a scheduled edition in review
    return count_audience(db, planner, audience, at, hours=edition.hours).deliveries


def _require_unsent(edition: Edition) -> None:
    if edition.state not in COMPARED_STATES:
        raise ConflictError(
            NewsroomText(
                "Edition %(edition_id)s is %(state)s. Only editions that are not sent yet are compared.",
                edition_id=edition.id,
                state=edition.state,
            )
        )

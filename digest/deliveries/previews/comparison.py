"""Remembers what an editor saw of an edition that is not sent yet, and says what is different now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.planning.manual_editions import count_audience
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews.draft_preview import load_edition_draft
from digest.deliveries.pure.audience import Audience
from digest.deliveries.pure.draft_comparison import ListedStory, StoryDifference, compare
from digest.deliveries.store import windows
from digest.editions.kept_composers import KeptComposers
from digest.editions.models import Edition
from digest.editions.states import EDITABLE_STATES, EditionState
from digest.editions.store import editions, snapshots
from digest.errors import ConflictError, NewsroomText

COMPARED_STATES = (*EDITABLE_STATES, EditionState.FREEZING, EditionState.FROZEN)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is different since somebody saw an edition, and how many mails it would have been."""

    at: datetime
    author: str
    stories: Sequence[StoryDifference]
    mails: int  # then


def remember(db: Database, planner: Planner, edition_id: int, *, author: str, now: datetime) -> None:
    """Keep what there is of an edition now, to compare with later. Raises NotFoundError, ConflictError."""
    composers = KeptComposers(planner.tree, articles.current_stories, planner.default_kinds)
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
        _require_unsent(edition)
        listed = _listed(tx, composers, edition, now)
    mails = count_mails(db, planner, edition, now)
    stories = [[story.id, story.title, list(story.countries)] for story in listed]
    with db.begin() as tx:
        snapshots.save(tx, edition_id, stories, mails=mails, author=author, now=now)


def compare_with_seen(
    db: Database, composers: KeptComposers, edition_id: int, now: datetime
) -> Comparison | None:
    """What has changed since an edition was last remembered; None if it never was. Raises as `remember` does."""
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
        _require_unsent(edition)
        seen = snapshots.find(tx, edition_id)
        if seen is None:
            return None
        listed = _listed(tx, composers, edition, now)
    earlier = [ListedStory(number, title, tuple(countries)) for number, title, countries in seen.stories]
    return Comparison(seen.at, seen.author, compare(earlier, listed), seen.mails)


def _listed(tx: Tx, composers: KeptComposers, edition: Edition, now: datetime) -> list[ListedStory]:
    draft = load_edition_draft(tx, composers, edition, now)
    return [ListedStory(story.id, story.title, story.countries) for story in draft.stories]


def count_mails(db: Database, planner: Planner, edition: Edition, now: datetime) -> int:
    """How many mails an edition would be: by the code that plans; of a frozen one, as its digests say.

    For 500,000 subscribers the code that plans takes a second.
    """
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

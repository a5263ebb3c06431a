"""What editors see of an edition before it is sent: its stories in order, and the digest of a subscriber."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.messages.preparation import DigestContent
from digest.deliveries.planning.personal_digests import digest_for_subscriber
from digest.deliveries.planning.planner import Planner
from digest.deliveries.previews.digest_preview import (
    Preview,
    TimeWindow,
    render_preview,
    subscriber_request,
)
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store import plans
from digest.deliveries.store.plans import FIRST_WINDOW, edition_spec
from digest.editions.edition_looks import edition_note, look_version
from digest.editions.kept_composers import KeptComposers, end_of_minute
from digest.editions.models import Digest, Edition
from digest.editions.pure.edition_spec import EditionSpec, PreferencesSpec
from digest.editions.pure.ranking import Contribution, StoryScore
from digest.editions.states import EDITABLE_STATES
from digest.editions.store import candidates, editions
from digest.editions.store.editions import DigestRow
from digest.subscribers.models import Subscriber
from digest.subscribers.states import DigestSize
from digest.subscribers.store import subscribers

UNSCORED = StoryScore()  # hidden stories have no place
WHOLE_WORLD = ("world",)  # the regions of an audience that is not limited to regions


@dataclass(frozen=True, slots=True)
class DraftStory:
    """A story as editors see it, shown by its leading article."""

    id: int
    article_id: int
    title: str
    countries: tuple[str, ...]
    source_count: int
    pinned: int  # rank among the pinned stories, highest first; 0: not pinned
    first_seen_at: datetime
    points: float = 0.0
    why: tuple[Contribution, ...] = ()  # the points of each reason; they add up to `points`


@dataclass(frozen=True, slots=True)
class EditionDraft:
    """The stories of an edition's window in the order of a digest, and the hidden ones."""

    stories: Sequence[DraftStory]
    hidden: Sequence[DraftStory]


def load_edition_draft(tx: Tx, composers: KeptComposers, edition: Edition, now: datetime) -> EditionDraft:
    """The stories of the last day, or of the edition's hours, about the regions of its audience."""
    spec = simulate_cutoff(edition, now)
    start = spec.cutoff - (timedelta(hours=spec.hours) or FIRST_WINDOW)
    regions = Audience.from_json(edition.audience).regions or WHOLE_WORLD
    preferences = PreferencesSpec(regions, "en", DigestSize.FULL)
    composer = composers.composer(tx, start, spec.cutoff)
    selection = composer.select_stories(preferences, start)
    ranked = sorted(
        (story for section in (*selection.mail, *selection.web_only) for story in section.stories),
        key=lambda story: (-story.pinned, -story.score.points, story.id),
    )
    pinned = {story.id: story.pinned for story in ranked}
    scores = {story.id: story.score for story in ranked}
    hidden_ids = candidates.hidden_story_ids(tx, start, spec.cutoff)
    shown = {story_id: composer.shown_story(story_id) for story_id in pinned}
    shown |= articles.current_stories(tx, hidden_ids)
    rows = {
        story_id: DraftStory(
            id=story_id,
            article_id=story.lead.article_id,
            title=story.lead.title,
            countries=story.countries,
            source_count=1 + len(story.also_in),
            pinned=pinned.get(story_id, 0),
            first_seen_at=story.first_seen_at,
            points=scores.get(story_id, UNSCORED).points,
            why=scores.get(story_id, UNSCORED).why,
        )
        for story_id, story in shown.items()
    }
    return EditionDraft(
        [rows[story.id] for story in ranked if story.id in rows],
        [rows[story_id] for story_id in hidden_ids if story_id in rows],
    )


def preview_for_subscriber(
    db: Database,
    context: SendingContext,
    planner: Planner,
    edition_id: int,
    subscriber_id: int,
    *,
    now: datetime,
) -> tuple[Subscriber, Preview | None]:
    """The subscriber, and a preview of what they get from an edition; None when they get nothing.

    For an editable edition, the digest is composed now, by the code that plans. Afterwards it is the stored digest.
    """
    with db.read() as tx:
        edition, subscriber = editions.by_id(tx, edition_id), subscribers.by_id(tx, subscriber_id)
        editable = edition.state in EDITABLE_STATES
        spec = simulate_cutoff(edition, now) if editable else edition_spec(edition)
        composed = digest_for_subscriber(tx, planner, spec, subscriber)
        if composed is None:
            return subscriber, None
        digest: DigestContent | None = composed if editable else _stored_digest(tx, edition, composed)
        if digest is None:
            return subscriber, None
        window = TimeWindow(composed.window_start, spec.cutoff)
        look = context.looks.get(tx, look_version(edition))
        note = edition_note(edition, look, subscriber.preferences.language)
        request = replace(subscriber_request(subscriber, window, note), look=look)
        return subscriber, render_preview(tx, context, request, digest)


def simulate_cutoff(edition: Edition, now: datetime) -> EditionSpec:
    """The edition as if its cutoff were now.

    The cutoff is the end of this minute, so that a change which an editor has just made is included.
    """
    cutoff = end_of_minute(now)
    # Of an edition in review, the cutoff is still its slot: a slot at midnight has the notes of the new day.
    notes_from = plans.notes_at(edition, max(cutoff, edition.cutoff))
    return EditionSpec(None, cutoff, edition.hours, edition.note, notes_from)


def _stored_digest(tx: Tx, edition: Edition, composed: DigestRow) -> Digest | None:
    """The edition's stored digest for the same group and stories as a composed one; None if there is none."""
    digest_id = editions.digest_ids(tx, edition.id, [composed.key]).get(composed.key)
    return editions.digest_by_id(tx, digest_id) if digest_id is not None else None

"""Freezes a manual edition: writes its digests, so that editors can check them, and sends exactly these or nothing.

Freezing a draft writes its digests but changes no subscriber's window. Before the edition is sent, the hash of each
digest is computed again from its stories as they are now. If any hash differs, nothing is sent, and the error names
what changed.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.accounts.audit import Change, record_task
from digest.articles.store import articles, retention
from digest.articles.story_assignment import regroup
from digest.database import Database, Tx
from digest.deliveries.planning.manual_editions import audience_matcher, audience_scope
from digest.deliveries.planning.personal_digests import write_personal_digests
from digest.deliveries.planning.planner import Planner, write_missing_digests
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import plans
from digest.editions.composer import find_changed_stories, fingerprint
from digest.editions.models import Edition
from digest.editions.pure.day_notes import DayNote, join_texts
from digest.editions.pure.edition_spec import CUTOFF_MARGIN
from digest.editions.pure.sections import Section, story_ids
from digest.editions.states import EditionState
from digest.editions.store import day_notes, editions
from digest.editions.store.editions import StoredDigest
from digest.errors import ConflictError, InvalidInputError, NewsroomText

log = logging.getLogger(__name__)
MAX_NAMED_STORIES = 5  # stories named in an error; the page shows all


@dataclass(frozen=True, slots=True)
class StoryChange:
    """A story that differs from the frozen one: its headline now, and whether it was changed, hidden or deleted."""

    story_id: int
    title: str
    status: str


@dataclass(frozen=True, slots=True)
class EditionChanges:
    """What changed after an edition was frozen: the stories, and how many digests differ."""

    stories: Sequence[StoryChange]
    digest_count: int


def freeze(db: Database, edition_id: int, now: datetime) -> None:
    """Set a draft's cutoff, so that it gets no later news. A task then writes its digests (see `write_digests`)."""
    with db.begin() as tx:
        if not editions.start_freezing(tx, edition_id, cutoff=now - CUTOFF_MARGIN):
            state = editions.by_id(tx, edition_id).state
            raise ConflictError(
                NewsroomText(
                    "Edition %(edition_id)s is %(state)s, not a draft.", edition_id=edition_id, state=state
                )
            )


def write_digests(db: Database, planner: Planner, edition_id: int, now: datetime) -> None:
    """Write the digests of an edition that is being frozen. A run after a crash continues."""
    with db.read(time_limit=False) as tx:
        edition = editions.by_id(tx, edition_id)
        audience = Audience.from_json(edition.audience)
        ranges = plans.split_scope(tx, audience_scope(audience, edition.created_at), planner.batch_size)
        begun = editions.count_digests(tx, edition_id) > 0
    if edition.state != EditionState.FREEZING:
        return
    if not begun:
        regroup(db, planner.recent_reports, now)
    for scope in ranges:
        write_missing_digests(db, planner, edition, scope, audience_matcher(planner, audience))
        with db.begin(time_limit=False) as tx:
            if editions.by_id(tx, edition_id).state != EditionState.FREEZING:
                return  # it was cancelled meanwhile
            write_personal_digests(tx, planner, edition, scope)
    with db.begin() as tx:
        editions.mark_frozen(tx, edition_id, now)


def thaw(db: Database, edition_id: int) -> None:
    """Make a frozen edition a draft again, and delete its digests."""
    with db.begin() as tx:
        edition = editions.by_id(tx, edition_id)
        shown = frozenset[int]().union(
            *(story_ids(digest.sections) for digest in editions.digest_contents(tx, edition_id))
        )
        if not editions.thaw(tx, edition_id):
            state = editions.by_id(tx, edition_id).state
            raise ConflictError(
                NewsroomText(
                    "Edition %(edition_id)s is %(state)s, not frozen.", edition_id=edition_id, state=state
                )
            )
        retention.unmark_sent(tx, shown, edition.cutoff)


def release(db: Database, edition_id: int, now: datetime, *, send_at: datetime | None = None) -> None:
    """Send a frozen edition, now or at `send_at`; raises ConflictError when it changed after it was frozen."""
    if send_at is not None and send_at <= now:
        raise InvalidInputError(
            NewsroomText(
                "%(send_at)s UTC is past; choose a later moment, or send it now.",
                send_at=f"{send_at:%Y-%m-%d %H:%M}",
            )
        )
    with db.begin() as tx:
        edition = editions.by_id(tx, edition_id)
        changes = find_changes(tx, edition)
        if changes.digest_count:
            raise ConflictError(_changes_message(edition_id, changes))
        if not editions.release(tx, edition_id, send_at):
            raise ConflictError(
                NewsroomText(
                    "Edition %(edition_id)s is %(state)s; only a frozen one can be sent.",
                    edition_id=edition_id,
                    state=edition.state,
                )
            )


def unschedule(db: Database, edition_id: int) -> None:
    """Cancel the time at which a frozen edition was to be sent."""
    with db.begin() as tx:
        editions.unschedule(tx, edition_id)


def release_due(db: Database, now: datetime) -> None:
    """Send the frozen editions whose time has come. One that changed stays frozen, so that an editor checks it."""
    with db.read() as tx:
        frozen = editions.in_state(tx, EditionState.FROZEN)
        due = [edition.id for edition in frozen if edition.send_at is not None and edition.send_at <= now]
    for edition_id in due:
        try:
            release(db, edition_id, now)
            _record(db, "scheduled edition sent", edition_id, now)
        except ConflictError as error:
            log.warning("%s", error)
            unschedule(db, edition_id)
            _record(db, "scheduled edition not sent", edition_id, now, reason=str(error))


def _record(db: Database, action: str, edition_id: int, now: datetime, **after: str) -> None:
    """Record what was done on behalf of the editor who scheduled the edition."""
    change = Change(f"/admin/editions/{edition_id}", after=after or None)
    with db.begin() as tx:
        record_task(tx, action, f"edition {edition_id}", now=now, change=change)


def find_changes(tx: Tx, edition: Edition) -> EditionChanges:
    """What changed after an edition was frozen, judged by the hash of each digest."""
    digests = list(editions.digest_contents(tx, edition.id))
    stories = articles.current_stories(
        tx, {story_id for digest in digests for story_id in story_ids(digest.sections)}
    )
    # A story that was merged into another counts as changed, whatever the other's version, so it gets version 0.
    current = {
        story_id: (story.version if story.id == story_id else 0, story.hidden)
        for story_id, story in stories.items()
    }
    notes = day_notes.by_ids(tx, {note_id for digest in digests for note_id in digest.day_note_ids})
    changed_digests = [
        digest.sections for digest in digests if _current_hash(edition, digest, current, notes) != digest.hash
    ]
    statuses = dict(
        change for sections in changed_digests for change in find_changed_stories(sections, current)
    )
    return EditionChanges(
        [
            StoryChange(story_id, stories[story_id].lead.title if story_id in stories else "", status)
            for story_id, status in sorted(statuses.items())
        ],
        len(changed_digests),
    )


def _current_hash(
    edition: Edition,
    digest: StoredDigest,
    current: dict[int, tuple[int, bool]],
    notes: Mapping[int, DayNote],
) -> str:
    """The hash that a digest has with its stories as they are now."""
    own_notes = [notes[note_id] for note_id in digest.day_note_ids if note_id in notes]
    sections = _current_sections(digest.sections, current)
    return fingerprint(digest.subject, sections, join_texts(edition.note, own_notes), digest.updates)


def _current_sections(
    sections: Sequence[Section], current: dict[int, tuple[int, bool]]
) -> tuple[Section, ...]:
    """The sections with the current versions of their stories, without the hidden ones."""
    return tuple(
        Section(
            region,
            tuple(
                (story_id, current[story_id][0])
                for story_id, _ in stories
                if story_id in current and not current[story_id][1]
            ),
        )
        for region, stories in sections
    )


def _changes_message(edition_id: int, changes: EditionChanges) -> str:
    named = "; ".join(
        f'"{change.title[:60]}" {change.status}' for change in changes.stories[:MAX_NAMED_STORIES]
    )
    unnamed_count = len(changes.stories) - MAX_NAMED_STORIES
    return (
        f"Edition {edition_id} is not what was frozen ({named or 'its note changed'}"
        f"{f', and {unnamed_count} more' if unnamed_count > 0 else ''}): nothing was sent. "
        "Make it a draft again, and freeze it again."
    )

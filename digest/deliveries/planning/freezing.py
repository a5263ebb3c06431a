"""Freezing an edition by hand: what it holds is decided, can be looked at, and is what is sent, or it is refused.

A draft is frozen: its digests are written, its readers' windows are not moved. When it is to go out, the hash of each
digest is made again of what its stories are now. Where it differs, nothing is sent, and it is said what changed.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.planning import edition_planner
from digest.deliveries.planning.edition_planner import SETTLE, Planner
from digest.deliveries.planning.manual_editions import of_audience, scope_of
from digest.deliveries.pure.audience import Audience
from digest.deliveries.store import plans
from digest.editions.composer import differences, fingerprint
from digest.editions.models import Edition
from digest.editions.store import editions
from digest.editions.store.editions import SectionRow
from digest.errors import ConflictError, InvalidInputError

log = logging.getLogger(__name__)
NAMED = 5  # stories named in an error; the page shows all


@dataclass(frozen=True, slots=True)
class Change:
    """A story that is not as it was frozen: its headline now, and whether it changed, is hidden or gone."""

    story: int
    title: str
    what: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What of a frozen edition is no longer as it was: stories, and how many of its digests that concerns."""

    stories: Sequence[Change]
    digests: int


def freeze(db: Database, edition_id: int, now: datetime) -> None:
    """Close a draft over the news up to now; a task then writes its digests (see `compose`)."""
    with db.begin() as tx:
        if not editions.close(tx, edition_id, cutoff=now - SETTLE):
            raise ConflictError(
                f"Edition {edition_id} is {editions.by_id(tx, edition_id).state}, not a draft."
            )


def compose(db: Database, planner: Planner, edition_id: int, now: datetime) -> None:
    """Write the digests of an edition that is being frozen. Done again after a crash, it goes on."""
    with db.read() as tx:
        edition = editions.by_id(tx, edition_id)
        audience = Audience.from_json(edition.audience)
        pieces = plans.ranges(tx, scope_of(audience, edition.created_at), planner.batch)
    if edition.state != "freezing":
        return
    for scope in pieces:
        edition_planner.compose(db, planner, edition, scope, of_audience(planner, audience))
        with db.begin() as tx:
            if editions.by_id(tx, edition_id).state != "freezing":
                return  # cancelled meanwhile
            edition_planner.own_digests(tx, planner, edition, scope)
    with db.begin() as tx:
        editions.frozen(tx, edition_id, now)


def thaw(db: Database, edition_id: int) -> None:
    """Make a frozen edition a draft again; what was decided is forgotten."""
    with db.begin() as tx:
        if not editions.thaw(tx, edition_id):
            raise ConflictError(
                f"Edition {edition_id} is {editions.by_id(tx, edition_id).state}, not frozen."
            )


def release(db: Database, edition_id: int, now: datetime, *, at: datetime | None = None) -> None:
    """Send a frozen edition, or set when it goes out; raises ConflictError when it is not as it was frozen."""
    if at is not None and at <= now:
        raise InvalidInputError(f"{at:%Y-%m-%d %H:%M} UTC is past; choose a later moment, or send it now.")
    with db.begin() as tx:
        edition = editions.by_id(tx, edition_id)
        changed = changes(tx, edition)
        if changed.digests:
            raise ConflictError(_refusal(edition_id, changed))
        if not editions.release(tx, edition_id, at):
            raise ConflictError(f"Edition {edition_id} is {edition.state}; only a frozen one can be sent.")


def unschedule(db: Database, edition_id: int) -> None:
    """Keep a frozen edition from going out by itself."""
    with db.begin() as tx:
        editions.unschedule(tx, edition_id)


def release_due(db: Database, now: datetime) -> None:
    """Send the frozen editions whose time has come; one that changed stays, for an editor to look at."""
    with db.read() as tx:
        due = [e.id for e in editions.in_state(tx, "frozen") if e.send_at is not None and e.send_at <= now]
    for edition_id in due:
        try:
            release(db, edition_id, now)
        except ConflictError as error:
            log.warning("%s", error)
            unschedule(db, edition_id)


def changes(tx: Tx, edition: Edition) -> Changes:
    """What of a frozen edition is not as it was; the hash of each digest decides."""
    digests = list(editions.decided(tx, edition.id))
    shown = articles.shown_stories(
        tx, {s for _, _, sections in digests for _, ids in sections for s, _ in ids}
    )
    # One that was joined with another is not what it was, whatever that other's version.
    marks = {key: (story.version if story.id == key else 0, story.hidden) for key, story in shown.items()}
    changed = [
        sections
        for subject, told, sections in digests
        if fingerprint(subject, _now(sections, marks), edition.note) != told
    ]
    found = dict(what for sections in changed for what in differences(sections, marks))
    return Changes(
        [
            Change(story, shown[story].lead.title if story in shown else "", what)
            for story, what in sorted(found.items())
        ],
        len(changed),
    )


def _now(sections: Sequence[SectionRow], marks: dict[int, tuple[int, bool]]) -> tuple[SectionRow, ...]:
    """The sections as they would be decided of the same stories now: without those hidden, in their versions of now."""
    return tuple(
        (slug, tuple((story, marks[story][0]) for story, _ in ids if story in marks and not marks[story][1]))
        for slug, ids in sections
    )


def _refusal(edition_id: int, changed: Changes) -> str:
    named = "; ".join(f'"{change.title[:60]}" {change.what}' for change in changed.stories[:NAMED])
    more = len(changed.stories) - NAMED
    return (
        f"Edition {edition_id} is not what was frozen and looked at ({named or 'its note changed'}"
        f"{f', and {more} more' if more > 0 else ''}): nothing was sent. Make it a draft again and freeze it anew."
    )

"""What editors see of an edition that is not out yet: its stories in the order of a digest, and what a reader gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.store import articles
from digest.database import Database, Tx
from digest.deliveries.planning import edition_planner
from digest.deliveries.planning.edition_planner import Planner
from digest.deliveries.previews.digest_preview import Decided, Preview, Wanted, of_decided
from digest.deliveries.pure.audience import Audience
from digest.deliveries.sending.delivery_sender import Post
from digest.deliveries.store.plans import FIRST_WINDOW
from digest.editions.composer import Composer
from digest.editions.models import Edition
from digest.editions.store import candidates as stand
from digest.editions.store import editions
from digest.editions.store.editions import DigestRow
from digest.subscribers.models import Preferences, Subscriber
from digest.subscribers.store import subscribers

EVERYWHERE = ["world"]
BEFORE_FREEZING = ("draft", "review", "held")  # states in which what is chosen is still chosen


@dataclass(frozen=True, slots=True)
class DeskStory:
    """A story as editors handle it: by its leading article."""

    id: int
    article_id: int
    title: str
    countries: tuple[str, ...]
    sources: int
    pinned: int
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Desk:
    """The stories of an edition's window, in a digest's order, and those that are hidden."""

    stories: Sequence[DeskStory]
    hidden: Sequence[DeskStory]


def desk(tx: Tx, planner: Planner, edition: Edition, now: datetime) -> Desk:
    """The stories of the last day, or of the edition's hours, that are about its audience's regions."""
    closing = still_open(edition, now)
    audience = Audience.from_json(edition.audience)
    start = closing.cutoff - (timedelta(hours=edition.hours) or FIRST_WINDOW)
    regions = list(audience.regions) or EVERYWHERE
    wanted = Preferences(key="", regions=regions, language="en", size="full")
    composer = Composer(tx, planner.tree, start=start, cutoff=closing.cutoff)
    found = composer.selection(wanted, start)
    ranked = sorted(
        (story for section in (*found.mail, *found.rest) for story in section.stories),
        key=lambda story: (-story.pinned, -story.sources, -story.first_seen_at.timestamp()),
    )
    hidden = stand.hidden(tx, start, closing.cutoff)
    shown = articles.shown_stories(tx, [*(story.id for story in ranked), *hidden])
    rows = {
        key: DeskStory(
            id=key,
            article_id=story.lead.article_id,
            title=story.lead.title,
            countries=story.countries,
            sources=1 + len(story.also_in),
            pinned=next((candidate.pinned for candidate in ranked if candidate.id == key), 0),
            first_seen_at=story.first_seen_at,
        )
        for key, story in shown.items()
    }
    return Desk(
        [rows[story.id] for story in ranked if story.id in rows], [rows[key] for key in hidden if key in rows]
    )


def of_reader(
    db: Database, post: Post, planner: Planner, edition_id: int, reader_id: int, *, now: datetime
) -> tuple[Subscriber, Preview | None]:
    """What a reader gets of an edition: of a frozen one the very digest that was frozen, else what would be decided
    now, by the code that decides. None: nothing."""
    with db.read() as tx:
        edition, reader = editions.by_id(tx, edition_id), subscribers.by_id(tx, reader_id)
        closing = still_open(edition, now) if edition.state in BEFORE_FREEZING else edition
        made = edition_planner.of_reader(tx, planner, closing, reader)
        decided = _frozen(tx, edition, made) if edition.state not in BEFORE_FREEZING else _new(made)
        if decided is None or made is None:
            return reader, None
        asked = reader.preferences
        window = (made.window_start, closing.cutoff)
        wanted = Wanted(tuple(asked.regions), asked.language, window, edition.note, asked.size, reader)
        return reader, of_decided(tx, post, wanted, decided)


def still_open(edition: Edition, now: datetime) -> Edition:
    """The edition as if it were closed over what is there now; not to be written. What an editor changed a moment ago
    is in it: by the time it is closed in earnest, that has settled."""
    return Edition(
        id=0,
        cutoff=now + timedelta(seconds=1),
        note=edition.note,
        hours=edition.hours,
        audience=edition.audience,
    )


def _new(made: DigestRow | None) -> Decided | None:
    return Decided(made.subject, made.sections, made.public_id) if made else None


def _frozen(tx: Tx, edition: Edition, made: DigestRow | None) -> Decided | None:
    if made is None:
        return None
    key = editions.digest_ids(tx, edition.id, [made.key]).get(made.key)
    digest = editions.digest(tx, key) if key is not None else None
    return Decided(digest.subject, editions.stories_of(digest), digest.public_id) if digest else None

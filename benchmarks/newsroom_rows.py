"""What pages of a large newsroom show beside news and mails: excluded words, polls, notes, folders, a draft."""

from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from digest.articles import news_counts
from digest.articles.models import Article
from digest.deliveries.planning import manual_editions
from digest.deliveries.previews import comparison
from digest.deliveries.pure.audience import Audience
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.parts import Parts
from digest.regions.known_exclusions import MOST_EXCLUSIONS
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import Exclusion
from digest.regions.store import exclusions
from digest.retention import POLL_HISTORY
from digest.sources.models import Source, SourcePoll
from digest.sources.states import PollOutcome
from digest.subscribers.models import SubscriberNote

COUNTRIES = ("KZ", "GE", "FR", "PE", "IR", "UZ", "AM", "TR", "DE", "BR")
POLL_EVERY = timedelta(minutes=15)
NOTES = 20
FOLDERS = 9
FREE_EXCLUSIONS = 10  # for those that the benchmark saves


def add_rows(parts: Parts, reader: int) -> None:
    """Add what is missing, so that a second run finds it."""
    now = parts.clock()
    _add_exclusions(parts, now)
    _add_polls(parts, now)
    _add_notes(parts, reader, now)
    _add_draft(parts, now)
    news_counts.count_finished_days(parts.db, parts.tree, now)  # as a worker does once an hour
    with parts.db.begin() as tx:
        for number in range(FOLDERS):
            of_folder = update(Source).where(Source.id % FOLDERS == number)
            tx.execute(of_folder.values(folder=f"Folder {number}/Part {number % 3}"))


def _add_exclusions(parts: Parts, now: datetime) -> None:
    """As many as an editor may add, but some; of all sources and of single ones. All articles have been looked at."""
    with parts.db.begin() as tx:
        sources = tx.scalars(select(Source.id).order_by(Source.id)).all()
        for number in range(exclusions.count(tx), MOST_EXCLUSIONS - FREE_EXCLUSIONS):
            source_id = sources[number % len(sources)] if number % 3 == 0 else None
            wanted = Exclusion(0, f"Union {number} of Harbours", COUNTRIES[number % 10], source_id)
            exclusions.add(tx, wanted, by="editor@example.org", now=now)
        tx.execute(update(TagExclusion).values(untagged_below=None))


def _add_polls(parts: Parts, now: datetime) -> None:
    """The history of the first source as far as it is kept, one row a poll."""
    with parts.db.begin() as tx:
        if tx.scalar(select(SourcePoll.id).limit(1)) is not None:
            return
        count = POLL_HISTORY // POLL_EVERY
        rows = (
            {
                "source_id": 1,
                "outcome": PollOutcome.READ if number % 3 else PollOutcome.FAILED,
                "status": 200 if number % 3 else 503,
                "error": "" if number % 3 else "the server answers 503 Service Unavailable",
                "first_at": now - POLL_EVERY * (count - number),
                "last_at": now - POLL_EVERY * (count - number),
                "duration_ms": 300 + number % 700,
                "entries": 30,
                "new": number % 5,
            }
            for number in range(count)
        )
        tx.execute(insert(SourcePoll), list(rows))


def _add_notes(parts: Parts, reader: int, now: datetime) -> None:
    with parts.db.begin() as tx:
        of_reader = SubscriberNote.subscriber_id == reader
        if tx.scalar(select(SubscriberNote.id).where(of_reader).limit(1)) is None:
            row = {"subscriber_id": reader, "author": "editor@example.org", "created_at": now}
            texts = (f"Called about delivery {number}. " * 10 for number in range(NOTES))
            tx.execute(insert(SubscriberNote), [{**row, "text": text} for text in texts])


def _add_draft(parts: Parts, now: datetime) -> None:
    """A draft for everyone that an editor has seen, and of which two stories have changed since."""
    with parts.db.read() as tx:
        draft = tx.scalar(select(Edition.id).where(Edition.state == EditionState.DRAFT).limit(1))
    if draft is None:
        draft = manual_editions.create(parts.db, Audience("everyone"), note="", now=now, draft=True)
        comparison.remember(parts.db, parts.planner(), draft, author="editor@example.org", now=now)
        with parts.db.begin() as tx:
            tx.execute(update(Article).where(Article.id.in_([1, 4])).values(title="Another headline"))


def draft_id(parts: Parts) -> int:
    """The draft."""
    with parts.db.read() as tx:
        return tx.scalars(select(Edition.id).where(Edition.state == EditionState.DRAFT).limit(1)).one()

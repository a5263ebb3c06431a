"""The history of polls: what is kept in one row, what is counted, and when it is deleted."""

from datetime import timedelta

from digest.database import Database
from digest.sources.models import SourcePoll
from digest.sources.states import PollOutcome
from digest.sources.store import polls, sources
from digest.sources.store.polls import Poll, PollSort
from tests.conftest import NOON

UNCHANGED = Poll(PollOutcome.UNCHANGED, 304, seconds=0.2)
READ = Poll(PollOutcome.READ, 200, seconds=0.5, size=4_000, entries=20)
NEWS = Poll(PollOutcome.READ, 200, seconds=0.5, size=4_000, entries=20, new=2)
REFUSED = Poll(PollOutcome.FAILED, 503, "the server is overloaded", 0.1)
HALF_HOUR = timedelta(minutes=30)


def add_source(db: Database, url: str = "https://a.example/feed") -> int:
    with db.begin() as tx:
        return sources.add(tx, url, "", NOON).id


def add_polls(db: Database, source_id: int, *made: Poll, first: int = 0) -> None:
    for number, poll in enumerate(made, first):
        with db.begin() as tx:
            polls.add(tx, source_id, poll, NOON + number * HALF_HOUR)


def history(db: Database, source_id: int) -> list[SourcePoll]:
    """The rows of a source, the oldest first."""
    with db.read() as tx:
        return list(polls.page(tx, source_id, before=None, limit=100))[::-1]


def test_polls_in_a_row_that_brought_nothing_are_one_row(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, UNCHANGED, UNCHANGED, Poll(PollOutcome.UNCHANGED, 304, seconds=0.9), UNCHANGED)
    (row,) = history(db, source_id)
    assert (row.outcome, row.status, row.polls) == (PollOutcome.UNCHANGED, 304, 4)
    assert (row.first_at, row.last_at) == (NOON, NOON + 3 * HALF_HOUR)
    assert (row.duration_ms, row.slowest_ms) == (1_500, 900)


def test_a_poll_that_ended_otherwise_or_brought_something_has_a_row_of_its_own(db: Database) -> None:
    source_id = add_source(db)
    other_error = Poll(PollOutcome.FAILED, 503, "the server is being repaired")
    add_polls(db, source_id, UNCHANGED, NEWS, NEWS, READ, READ, REFUSED, REFUSED, other_error, UNCHANGED)
    rows = [(row.outcome.value, row.new, row.polls, row.error) for row in history(db, source_id)]
    assert rows == [
        ("unchanged", 0, 1, ""),
        ("read", 2, 1, ""),
        ("read", 2, 1, ""),
        ("read", 0, 2, ""),
        ("failed", 0, 2, "the server is overloaded"),
        ("failed", 0, 1, "the server is being repaired"),
        ("unchanged", 0, 1, ""),
    ]


def test_a_changed_or_held_article_counts_as_something(db: Database) -> None:
    source_id = add_source(db)
    changed, held = Poll(PollOutcome.READ, 200, changed=1), Poll(PollOutcome.READ, 200, held=1)
    add_polls(db, source_id, READ, changed, READ, held, READ)
    assert [(row.changed, row.held, row.polls) for row in history(db, source_id)] == [
        (0, 0, 1), (1, 0, 1), (0, 0, 1), (0, 1, 1), (0, 0, 1),
    ]  # fmt: skip


def test_a_new_day_in_utc_begins_a_new_row(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, *(UNCHANGED,) * 4, first=22)  # 23:00 to 00:30
    rows = history(db, source_id)
    assert [(row.polls, row.first_at.hour, row.last_at.hour) for row in rows] == [(2, 23, 23), (2, 0, 0)]


def test_the_polls_of_another_source_end_no_row(db: Database) -> None:
    one, two = add_source(db), add_source(db, "https://b.example/feed")
    for number in range(3):
        add_polls(db, one, UNCHANGED, first=number)
        add_polls(db, two, READ, first=number)
    assert [row.polls for row in (*history(db, one), *history(db, two))] == [3, 3]


def test_a_long_error_is_cut_and_still_extends_its_row(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, *(Poll(PollOutcome.FAILED, error="x" * 3_000),) * 2)
    (row,) = history(db, source_id)
    assert (len(row.error), row.polls) == (polls.MAX_ERROR_LENGTH, 2)


def test_a_source_that_was_deleted_meanwhile_gets_no_row(db: Database) -> None:
    source_id = add_source(db)
    with db.begin() as tx:
        sources.delete_source(tx, source_id)
    add_polls(db, source_id, UNCHANGED, NEWS)
    assert history(db, source_id) == []


def test_the_history_is_deleted_with_its_source(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, UNCHANGED, NEWS)
    with db.begin() as tx:
        sources.delete_source(tx, source_id)
    assert history(db, source_id) == []


def test_older_polls_follow_the_last_one_shown(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, *(NEWS,) * 5)
    with db.read() as tx:
        first = polls.page(tx, source_id, before=None, limit=2)
        assert [row.first_at for row in first] == [NOON + n * HALF_HOUR for n in (4, 3, 2)]
        rest = polls.page(tx, source_id, before=first[1].id, limit=2)
    assert [row.first_at for row in rest] == [NOON + n * HALF_HOUR for n in (2, 1, 0)]


def test_polls_are_counted_by_day_and_by_what_they_brought(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, UNCHANGED, UNCHANGED, NEWS, READ, REFUSED)
    add_polls(db, source_id, UNCHANGED, first=48)
    with db.read() as tx:
        assert polls.count_by_day(tx, source_id, NOON) == {
            PollSort.NOTHING: {"2026-03-10": 3, "2026-03-11": 1},
            PollSort.NEWS: {"2026-03-10": 1},
            PollSort.FAILED: {"2026-03-10": 1},
        }


def test_only_expired_rows_are_deleted_the_oldest_first(db: Database) -> None:
    source_id = add_source(db)
    add_polls(db, source_id, *(NEWS,) * 6)
    before = NOON + 4 * HALF_HOUR
    for expected in (3, 1, 0):
        with db.begin() as tx:
            assert polls.prune(tx, before, 3) == expected
    assert [row.first_at for row in history(db, source_id)] == [before, before + HALF_HOUR]

"""What a poll of a real server leaves in the history of its source."""

from collections.abc import Callable

from digest.articles.ingest.source_poll import PollReport
from digest.database import Database
from digest.sources.store import polls
from tests.articles.scripted_site import ScriptedSite
from tests.articles.test_poller import CHANGED, FEED, add_source


def kept_polls(db: Database, source_id: int) -> list[tuple[str, int, int, int]]:
    """Outcome, status, number of polls and new articles of each row of the history, the oldest first."""
    with db.read() as tx:
        rows = polls.page(tx, source_id, before=None, limit=50)
        return [(row.outcome.value, row.status, row.polls, row.new) for row in reversed(rows)]


def test_the_history_says_how_each_poll_ended(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport]
) -> None:
    site.answer("/feed", ETag='"one"', body=FEED)
    site.answer("/feed", status=304, body="")
    site.answer("/feed", body="<html>down for maintenance</html>")
    site.answer("/feed", status=404, body="")
    site.answer("/feed", body=CHANGED)
    source = add_source(db, site.url("/feed"))
    for _ in range(6):
        poll(source)
    assert kept_polls(db, source) == [
        ("read", 200, 1, 1), ("unchanged", 304, 1, 0), ("failed", 200, 1, 0), ("failed", 404, 1, 0),
        ("read", 200, 1, 1), ("unchanged", 200, 1, 0),
    ]  # fmt: skip
    with db.read() as tx:
        same, read, missing, unreadable, *_ = polls.page(tx, source, before=None, limit=50)
    assert (read.entries, read.size, same.size) == (2, len(CHANGED), len(CHANGED))
    assert (missing.size, unreadable.size) == (0, len("<html>down for maintenance</html>"))
    assert "web page" in unreadable.error
    assert read.duration_ms == read.slowest_ms < 2_000

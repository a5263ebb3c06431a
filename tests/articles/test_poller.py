"""The poller against real servers: one request at a time to each host, whatever the servers answer."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from digest import clock as real_clock
from digest.articles.ingest import poller, source_poll
from digest.articles.ingest.source_poll import IngestContext, PollReport
from digest.articles.store import articles
from digest.database import Database
from digest.monitoring.store import lateness
from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import FetchResult, Validators
from digest.sources.models import Host, Source
from digest.sources.states import SourceState
from digest.sources.store import hosts
from digest.sources.store import sources as store
from tests.articles.scripted_site import ScriptedSite
from tests.conftest import NOON, StoppedClock

ITEM = "<item><title>Kazakhstan opens bridge {n}</title><link>https://a.example/{n}</link><guid>{n}</guid></item>"
FEED = f'<rss version="2.0"><channel><title>Quay</title><ttl>300</ttl>{ITEM.format(n=1)}</channel></rss>'
CHANGED = FEED.replace("</channel>", ITEM.format(n=2) + "</channel>")


def add_source(db: Database, url: str) -> int:
    with db.begin() as tx:
        return store.add(tx, url, "", NOON).id


def source_row(db: Database, source_id: int) -> Source:
    with db.read() as tx:
        return store.by_id(tx, source_id)


def host_row(db: Database, name: str = "127.0.0.1") -> Host:
    with db.read() as tx:
        row = tx.get(Host, name)
        assert row
        return row


def test_validators_are_stored_only_with_a_document_that_was_taken_in(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport]
) -> None:
    site.answer("/feed", ETag='"one"', body=FEED)
    site.answer("/feed", ETag='"broken"', body="<html>down for maintenance</html>")
    site.answer("/feed", ETag='"two"', body=CHANGED)
    source = add_source(db, site.url("/feed"))
    assert poll(source).new == 1
    assert "web page" in poll(source).error
    assert source_row(db, source).etag == '"one"'
    assert poll(source).new == 1
    assert [request.headers.get("If-None-Match") for request in site.requests] == [None, '"one"', '"one"']
    assert (source_row(db, source).etag, source_row(db, source).failures) == ('"two"', 0)


def test_the_same_body_again_is_not_modified(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport]
) -> None:
    site.answer("/feed", body=FEED)
    source = add_source(db, site.url("/feed"))
    assert (poll(source).unchanged, poll(source).unchanged) == (False, True)
    assert source_row(db, source).last_changed_at == NOON + timedelta(seconds=5)
    assert (source_row(db, source).last_success_at or NOON) > NOON + timedelta(minutes=30)


def test_the_ttl_of_a_document_holds_also_while_it_is_unchanged(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport], clock: StoppedClock
) -> None:
    site.answer("/feed", ETag='"one"', body=FEED)
    site.answer("/feed", status=304, body="")
    source = add_source(db, site.url("/feed"))
    for _ in range(3):
        poll(source)
        assert (
            timedelta(minutes=300) <= source_row(db, source).next_poll_at - clock() <= timedelta(minutes=330)
        )


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_holds_for_all_sources_of_the_host(
    db: Database, site: ScriptedSite, context: IngestContext, clock: StoppedClock, status: int
) -> None:
    site.answer("/one", status=status, Retry_After="172800", body=FEED)
    site.answer("/two", body=FEED)
    one, two = add_source(db, site.url("/one")), add_source(db, site.url("/two"))
    assert source_poll.poll_source(db, context, one) is not None
    until = clock() + timedelta(days=2)
    assert host_row(db).not_before == until
    clock.moment = until - timedelta(seconds=10)
    assert source_poll.poll_source(db, context, two) is None
    assert (
        poller.poll_due_sources(db, context, concurrency=4, until=until + timedelta(days=1), on_report=print)
        == 0
    )
    assert [request.path for request in site.requests] == ["/one"]
    with db.read() as tx:
        assert lateness.oldest_overdue_source(tx, clock() - timedelta(minutes=10)) is None
    clock.moment = until
    assert source_poll.poll_source(db, context, two) is not None


def test_a_source_that_is_gone_is_stopped_and_says_so(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport]
) -> None:
    site.answer("/feed", status=410, body=FEED)
    source = add_source(db, site.url("/feed"))
    assert "removed this for good" in poll(source).error
    assert (source_row(db, source).state, "removed" in source_row(db, source).last_error) == (
        SourceState.STOPPED,
        True,
    )


def test_a_permanent_redirect_is_followed_after_three_days_and_a_temporary_one_never(
    db: Database, site: ScriptedSite, context: IngestContext, clock: StoppedClock
) -> None:
    site.answer("/old", status=301, Location="/new", body=FEED)
    site.answer("/now", status=302, Location="/new", body=FEED)
    site.answer("/new", body=FEED)
    old, now = add_source(db, site.url("/old")), add_source(db, site.url("/now"))
    has_moved = []
    for _ in range(5):
        for source in (old, now):
            clock.advance(hours=12)
            assert source_poll.poll_source(db, context, source, forced=True) is not None
        has_moved.append(source_row(db, old).url == site.url("/new"))
    assert has_moved == [False, False, True, True, True]
    assert source_row(db, now).url == site.url("/now")


def test_a_source_that_moves_to_where_another_is_stops_and_says_so(
    db: Database, site: ScriptedSite, context: IngestContext, clock: StoppedClock
) -> None:
    site.answer("/old", status=308, Location="/new", body=FEED)
    site.answer("/new", body=FEED)
    old, _ = add_source(db, site.url("/old")), add_source(db, site.url("/new"))
    for _ in range(3):
        assert source_poll.poll_source(db, context, old, forced=True) is not None
        clock.advance(days=1, minutes=1)
    assert source_row(db, old).state == SourceState.STOPPED
    assert "is a source already" in source_row(db, old).last_error


def test_a_failing_source_is_polled_less_and_less_often_down_to_daily(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport], clock: StoppedClock
) -> None:
    site.answer("/feed", status=500, body=FEED)
    source = add_source(db, site.url("/feed"))
    waits = []
    for _ in range(8):
        poll(source)
        waits.append((source_row(db, source).next_poll_at - clock()) / timedelta(hours=1))
    assert waits == sorted(waits)
    assert waits[0] < 1.2
    assert waits[-1] == 24
    assert source_row(db, source).failures == 8


def test_a_source_deleted_while_it_is_read_leaves_nothing(
    db: Database, site: ScriptedSite, context: IngestContext
) -> None:
    site.answer("/feed", body=FEED)
    source = add_source(db, site.url("/feed"))
    with db.begin() as tx:
        claimed = source_poll.claim_sources(tx, [(source, "127.0.0.1")], NOON)
    with db.begin() as tx:
        store.delete_source(tx, source)
    assert "deleted" in source_poll.poll_claimed(db, context, claimed[0]).error
    with db.read() as tx:
        assert articles.count_since(tx, NOON - timedelta(days=1)) == 0


def test_all_workers_together_send_one_request_at_a_time_to_a_host_with_a_pause_between(
    db: Database, site: ScriptedSite, context: IngestContext
) -> None:
    site.answer_seconds = 0.3
    for n in range(2):
        site.answer(f"/{n}", body=FEED)
        for name in ("127.0.0.1", "localhost"):
            add_source(db, site.url(f"/{n}", name))
    real_time = replace(context, clock=real_clock.now)
    until = real_clock.now() + timedelta(seconds=30)
    reports: list[PollReport] = []

    def work() -> int:
        return poller.poll_due_sources(db, real_time, concurrency=4, until=until, on_report=reports.append)

    with ThreadPoolExecutor(2) as workers:
        counts = [future.result() for future in [workers.submit(work) for _ in range(2)]]
    assert sum(counts) == len(reports) == 4
    assert [report.error for report in reports] == [""] * 4
    assert site.max_open_requests == 1
    for name in ("127.0.0.1", "localhost"):
        times = [request.at for request in site.requests if request.host == name]
        assert times[1] - times[0] >= 1.3  # 0.3 s for the answer, then at least a second


def test_a_silent_host_delays_no_other(db: Database, site: ScriptedSite, context: IngestContext) -> None:
    site.answer("/silent", status=0, body=FEED)
    site.answer("/feed", body=FEED)
    add_source(db, site.url("/silent", "localhost"))
    quick = add_source(db, site.url("/feed"))
    finished: list[tuple[int, float]] = []
    start = time.monotonic()
    poller.poll_due_sources(
        db,
        replace(context, clock=real_clock.now),
        concurrency=4,
        until=real_clock.now() + timedelta(seconds=30),
        on_report=lambda report: finished.append((report.source_id, time.monotonic() - start)),
    )
    assert finished[0][0] == quick
    assert "took longer" in source_row(db, 1).last_error


def test_the_hosts_of_a_dead_worker_are_free_again_when_their_leases_end(
    db: Database, site: ScriptedSite, context: IngestContext, clock: StoppedClock
) -> None:
    site.answer("/feed", body=FEED)
    source = add_source(db, site.url("/feed"))
    with db.begin() as tx:
        assert source_poll.claim_sources(tx, [(source, "127.0.0.1")], clock())
    with db.begin() as tx:
        assert hosts.claim(tx, ["127.0.0.1"], clock(), lease=timedelta(minutes=1)) == set()
    clock.advance(minutes=11)
    assert source_poll.poll_source(db, context, source) is not None


def test_a_bug_of_ours_is_reported_for_its_source_and_stops_no_other(
    db: Database, site: ScriptedSite, context: IngestContext, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Fetcher):
        def fetch(self, url: str, validators: Validators | None = None) -> FetchResult:
            raise ZeroDivisionError(url, validators)

    broken = replace(context, fetcher=Broken(allowed_private_hosts=frozenset(), user_agent="t"))
    source = add_source(db, site.url("/feed"))
    reports: list[PollReport] = []
    poller.poll_due_sources(
        db, broken, concurrency=2, until=NOON + timedelta(seconds=1), on_report=reports.append
    )
    assert "ZeroDivisionError" in reports[0].error
    assert "an error of ours" in source_row(db, source).last_error
    assert "ZeroDivisionError" in caplog.text
    assert host_row(db).busy_until <= NOON + timedelta(minutes=2)


@pytest.mark.parametrize(("stored", "name"), [("World", "127.0.0.1"), ("Bay", "Bay"), ("", "127.0.0.1")])
def test_a_title_of_the_feed_that_names_no_source_is_replaced_and_any_other_stays(
    db: Database, site: ScriptedSite, poll: Callable[[int], PollReport], stored: str, name: str
) -> None:
    site.answer("/feed", body=FEED.replace(">Quay<", ">World<"))
    with db.begin() as tx:
        source = store.add(tx, site.url("/feed"), stored, NOON).id
    poll(source)
    assert source_row(db, source).title == name

"""The poller against real servers: politely, one request at a time to each host, whatever they answer."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from digest import clock as real_clock
from digest.articles.ingest import poller, source_poll
from digest.articles.ingest.source_poll import Polled, Reader
from digest.articles.store import articles
from digest.database import Database
from digest.regions import gazetteer
from digest.sources.http.fetch import Answer, Fetcher, FetchLimits, Validators
from digest.sources.models import Host, Source
from digest.sources.store import hosts
from digest.sources.store import sources as store
from tests.conftest import NOON, StoppedClock

ITEM = "<item><title>Kazakhstan opens bridge {n}</title><link>https://a.example/{n}</link><guid>{n}</guid></item>"
FEED = f'<rss version="2.0"><channel><title>Quay</title><ttl>300</ttl>{ITEM.format(n=1)}</channel></rss>'
CHANGED = FEED.replace("</channel>", ITEM.format(n=2) + "</channel>")
Said = tuple[int, dict[str, str], str]


@dataclass
class Site:
    """A site whose answers are laid down, the last one for ever; hosts are addresses of this machine."""

    answers: dict[str, list[Said]] = field(default_factory=dict)
    asked: list[tuple[float, str, str, dict[str, str]]] = field(
        default_factory=list
    )  # when, host, path, headers
    at_once: dict[str, int] = field(default_factory=dict)
    most_at_once: int = 0
    takes: float = 0.0
    port: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def says(self, path: str, status: int = 200, body: str = FEED, **headers: str) -> None:
        self.answers.setdefault(path, []).append((status, headers, body))


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            with made.lock:
                made.asked.append((time.monotonic(), host, self.path, dict(self.headers)))
                made.at_once[host] = made.at_once.get(host, 0) + 1
                made.most_at_once = max(made.most_at_once, made.at_once[host])
                laid_down = made.answers[self.path]
                status, headers, body = laid_down.pop(0) if len(laid_down) > 1 else laid_down[0]
            time.sleep(60 if status == 0 else made.takes)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            with made.lock:
                made.at_once[host] -= 1
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield made
    server.shutdown()


@pytest.fixture
def reader(site: Site, clock: StoppedClock) -> Reader:
    """Reads from this machine, by the stopped clock."""
    allow = frozenset(f"{host}:{site.port}" for host in ("127.0.0.1", "localhost"))
    fetcher = Fetcher(allow=allow, user_agent="Dateline/test", limits=FetchLimits(connect=2, total=2))
    return Reader(fetcher, gazetteer.tagger(), timedelta(minutes=30), clock)


@pytest.fixture
def poll(db: Database, reader: Reader, clock: StoppedClock) -> Callable[[int], Polled]:
    """Look at a source when it is due next."""

    def polled(source_id: int) -> Polled:
        clock.moment = max(clock.moment + timedelta(seconds=5), row(db, source_id).next_poll_at)
        done = source_poll.poll(db, reader, source_id)
        assert done is not None
        return done

    return polled


def add(db: Database, url: str) -> int:
    with db.begin() as tx:
        return store.add(tx, url, "", NOON).id


def row(db: Database, source_id: int) -> Source:
    with db.read() as tx:
        return store.by_id(tx, source_id)


def host(db: Database, name: str = "127.0.0.1") -> Host:
    with db.read() as tx:
        found = tx.get(Host, name)
        assert found
        return found


def test_validators_are_kept_with_a_document_that_was_taken_in_and_only_then(
    db: Database, site: Site, poll: Callable[[int], Polled]
) -> None:
    site.says("/feed", ETag='"one"')
    site.says("/feed", ETag='"broken"', body="<html>down for maintenance</html>")
    site.says("/feed", ETag='"two"', body=CHANGED)
    source = add(db, site.url("/feed"))
    assert poll(source).new == 1
    assert "web page" in poll(source).error
    assert row(db, source).etag == '"one"'
    assert poll(source).new == 1
    assert [headers.get("If-None-Match") for *_, headers in site.asked] == [None, '"one"', '"one"']
    assert (row(db, source).etag, row(db, source).failures) == ('"two"', 0)


def test_the_same_body_again_is_not_modified(db: Database, site: Site, poll: Callable[[int], Polled]) -> None:
    site.says("/feed")
    source = add(db, site.url("/feed"))
    assert (poll(source).unchanged, poll(source).unchanged) == (False, True)
    assert row(db, source).last_changed_at == NOON + timedelta(seconds=5)
    assert (row(db, source).last_success_at or NOON) > NOON + timedelta(minutes=30)


def test_what_a_document_wishes_holds_also_while_it_is_unchanged(
    db: Database, site: Site, poll: Callable[[int], Polled], clock: StoppedClock
) -> None:
    site.says("/feed", ETag='"one"')
    site.says("/feed", status=304, body="")
    source = add(db, site.url("/feed"))
    for _ in range(3):
        poll(source)
        assert timedelta(minutes=300) <= row(db, source).next_poll_at - clock() <= timedelta(minutes=330)


@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_holds_for_all_sources_of_the_host(
    db: Database, site: Site, reader: Reader, clock: StoppedClock, status: int
) -> None:
    site.says("/one", status=status, Retry_After="172800")
    site.says("/two")
    one, two = add(db, site.url("/one")), add(db, site.url("/two"))
    assert source_poll.poll(db, reader, one) is not None
    until = clock() + timedelta(days=2)
    assert host(db).not_before == until
    clock.moment = until - timedelta(seconds=10)
    assert source_poll.poll(db, reader, two) is None
    assert poller.read_due(db, reader, at_once=4, until=until + timedelta(days=1), tell=print) == 0
    assert [path for _, _, path, _ in site.asked] == ["/one"]
    with db.read() as tx:
        assert store.overdue(tx, clock() - timedelta(minutes=10)) == 0
    clock.moment = until
    assert source_poll.poll(db, reader, two) is not None


def test_a_source_that_is_gone_is_stopped_and_says_so(
    db: Database, site: Site, poll: Callable[[int], Polled]
) -> None:
    site.says("/feed", status=410)
    source = add(db, site.url("/feed"))
    assert "removed this for good" in poll(source).error
    assert (row(db, source).state, "removed" in row(db, source).last_error) == ("stopped", True)


def test_a_move_for_good_is_followed_after_three_days_and_one_for_now_never(
    db: Database, site: Site, reader: Reader, clock: StoppedClock
) -> None:
    site.says("/old", status=301, Location="/new")
    site.says("/now", status=302, Location="/new")
    site.says("/new")
    old, now = add(db, site.url("/old")), add(db, site.url("/now"))
    seen = []
    for _ in range(5):
        for source in (old, now):
            clock.forward(hours=12)
            assert source_poll.poll(db, reader, source, forced=True) is not None
        seen.append(row(db, old).url == site.url("/new"))
    assert seen == [False, False, True, True, True]
    assert row(db, now).url == site.url("/now")


def test_a_source_that_moves_to_where_another_is_stops_and_says_so(
    db: Database, site: Site, reader: Reader, clock: StoppedClock
) -> None:
    site.says("/old", status=308, Location="/new")
    site.says("/new")
    old, _ = add(db, site.url("/old")), add(db, site.url("/new"))
    for _ in range(3):
        assert source_poll.poll(db, reader, old, forced=True) is not None
        clock.forward(days=1, minutes=1)
    assert row(db, old).state == "stopped"
    assert "is a source already" in row(db, old).last_error


def test_a_source_that_fails_is_asked_less_and_less_down_to_daily(
    db: Database, site: Site, poll: Callable[[int], Polled], clock: StoppedClock
) -> None:
    site.says("/feed", status=500)
    source = add(db, site.url("/feed"))
    waits = []
    for _ in range(8):
        poll(source)
        waits.append((row(db, source).next_poll_at - clock()) / timedelta(hours=1))
    assert waits == sorted(waits)
    assert waits[0] < 1.2
    assert waits[-1] == 24
    assert row(db, source).failures == 8


def test_a_source_deleted_while_it_is_read_leaves_nothing(db: Database, site: Site, reader: Reader) -> None:
    site.says("/feed")
    source = add(db, site.url("/feed"))
    with db.begin() as tx:
        claimed = source_poll.claim(tx, [(source, "127.0.0.1")], NOON)
    with db.begin() as tx:
        store.remove(tx, source)
    assert "deleted" in source_poll.read(db, reader, claimed[0]).error
    with db.read() as tx:
        assert articles.count_since(tx, NOON - timedelta(days=1)) == 0


def test_hosts_are_asked_one_at_a_time_with_a_pause_by_all_workers_together(
    db: Database, site: Site, reader: Reader
) -> None:
    site.takes = 0.3
    for n in range(2):
        site.says(f"/{n}")
        for name in ("127.0.0.1", "localhost"):
            add(db, site.url(f"/{n}", name))
    awake = replace(reader, clock=real_clock.now)
    until = real_clock.now() + timedelta(seconds=30)
    told: list[Polled] = []

    def work() -> int:
        return poller.read_due(db, awake, at_once=4, until=until, tell=told.append)

    with ThreadPoolExecutor(2) as workers:
        looked = [future.result() for future in [workers.submit(work) for _ in range(2)]]
    assert sum(looked) == len(told) == 4
    assert [polled.error for polled in told] == [""] * 4
    assert site.most_at_once == 1
    for name in ("127.0.0.1", "localhost"):
        times = [when for when, asked, _, _ in site.asked if asked == name]
        assert times[1] - times[0] >= 1.3  # 0.3 s for the answer, then at least a second


def test_a_host_that_says_nothing_delays_no_other(db: Database, site: Site, reader: Reader) -> None:
    site.says("/silent", status=0)
    site.says("/feed")
    add(db, site.url("/silent", "localhost"))
    quick = add(db, site.url("/feed"))
    done: list[tuple[int, float]] = []
    start = time.monotonic()
    poller.read_due(
        db,
        replace(reader, clock=real_clock.now),
        at_once=4,
        until=real_clock.now() + timedelta(seconds=30),
        tell=lambda polled: done.append((polled.source_id, time.monotonic() - start)),
    )
    assert done[0][0] == quick
    assert "took longer" in row(db, 1).last_error


def test_a_worker_that_dies_gives_its_hosts_back_when_the_lease_runs_out(
    db: Database, site: Site, reader: Reader, clock: StoppedClock
) -> None:
    site.says("/feed")
    source = add(db, site.url("/feed"))
    with db.begin() as tx:
        assert source_poll.claim(tx, [(source, "127.0.0.1")], clock())
    with db.begin() as tx:
        assert hosts.claim(tx, ["127.0.0.1"], clock(), lease=timedelta(minutes=1)) == set()
    clock.forward(minutes=11)
    assert source_poll.poll(db, reader, source) is not None


def test_a_mistake_of_ours_stays_with_its_source(
    db: Database, site: Site, reader: Reader, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Fetcher):
        def fetch(self, url: str, validators: Validators | None = None) -> Answer:
            raise ZeroDivisionError(url, validators)

    broken = replace(reader, fetcher=Broken(allow=frozenset(), user_agent="t"))
    source = add(db, site.url("/feed"))
    told: list[Polled] = []
    poller.read_due(db, broken, at_once=2, until=NOON + timedelta(seconds=1), tell=told.append)
    assert "ZeroDivisionError" in told[0].error
    assert "an error of ours" in row(db, source).last_error
    assert "ZeroDivisionError" in caplog.text
    assert host(db).busy_until <= NOON + timedelta(minutes=2)

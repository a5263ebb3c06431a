"""Fixtures on an empty database, on SQLite and PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from digest.articles.ingest import article_upsert, source_poll
from digest.articles.ingest.source_poll import IngestContext, PollReport
from digest.articles.pure.drafts import draft_articles
from digest.database import Database
from digest.regions import gazetteer
from digest.regions.pure.tagger import Tagger
from digest.sources.http.fetch import Fetcher
from digest.sources.http.results import FetchLimits
from digest.sources.pure.entries import Entry
from digest.sources.store import sources
from tests.articles.article_helpers import TakeIn
from tests.articles.scripted_site import ScriptedSite, serve_scripted_site
from tests.builders import World
from tests.conftest import StoppedClock
from tests.database_fixtures import tree, world  # noqa: F401


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return gazetteer.tagger()


@pytest.fixture
def take_in(
    db: Database,
    world: World,  # noqa: F811 -- the fixture imported above
    tagger: Tagger,
    clock: StoppedClock,
) -> TakeIn:
    def take_in_now(*entries: Entry, source: str = "The Steppe Post") -> tuple[int, int]:
        drafts = draft_articles(entries, tagger, home=None, seen_at=clock()).drafts
        source_id = world.source(source)
        with db.begin() as tx:
            counts = article_upsert.upsert_articles(tx, source_id, drafts, seen_at=clock(), language="en")
            return counts.new, counts.updated

    return take_in_now


@pytest.fixture
def site() -> Iterator[ScriptedSite]:
    with serve_scripted_site() as scripted:
        yield scripted


@pytest.fixture
def context(site: ScriptedSite, clock: StoppedClock) -> IngestContext:
    """Fetches from this machine only, by the stopped clock."""
    allowed_hosts = frozenset(f"{host}:{site.port}" for host in ("127.0.0.1", "localhost"))
    fetcher = Fetcher(
        allowed_private_hosts=allowed_hosts,
        user_agent="Dateline/test",
        limits=FetchLimits(connect_seconds=2, total_seconds=2),
    )
    return IngestContext(fetcher, gazetteer.tagger(), timedelta(minutes=30), clock)


@pytest.fixture
def poll(db: Database, context: IngestContext, clock: StoppedClock) -> Callable[[int], PollReport]:
    """Polls a source when it is due next."""

    def poll_when_due(source_id: int) -> PollReport:
        with db.read() as tx:
            next_poll_at = sources.by_id(tx, source_id).next_poll_at
        clock.moment = max(clock.moment + timedelta(seconds=5), next_poll_at)
        report = source_poll.poll_source(db, context, source_id)
        assert report is not None
        return report

    return poll_when_due

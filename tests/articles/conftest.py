"""Fixtures on an empty database, on SQLite and PostgreSQL."""

import pytest

from digest.articles.ingest import article_upsert
from digest.articles.pure.drafts import draft_articles
from digest.database import Database
from digest.regions import gazetteer
from digest.regions.pure.tagger import Tagger
from digest.sources.pure.entries import Entry
from tests.articles.article_helpers import TakeIn
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

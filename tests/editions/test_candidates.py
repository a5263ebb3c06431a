"""The stories that digests may show, with the points that their reports in the database give them."""

from datetime import timedelta

from sqlalchemy import update

from digest.articles.models import Article
from digest.database import Database
from digest.editions.pure.ranking import Reason
from digest.editions.pure.selection import Candidate
from digest.editions.store import candidates
from digest.editions.store.candidates import CandidateStories
from digest.regions.tree import region_tree
from digest.sources.models import Source
from digest.sources.states import SourceState
from tests.builders import World
from tests.conftest import NOON

DAY = timedelta(days=1)
BRIDGE = "Ministers open the new bridge over the wide river"
SOURCES = ("Harbour Wire", "The Steppe Post", "Mountain News")


def world_of(db: Database) -> World:
    return World(db, region_tree.load(), lambda: NOON)


def load(db: Database) -> CandidateStories:
    with db.read() as tx:
        return candidates.load_candidates(tx, NOON - DAY, NOON, DAY)


def best_first(db: Database) -> list[Candidate]:
    return sorted(load(db).candidates, key=lambda candidate: -candidate.score.points)


def number_of(candidate: Candidate, reason: Reason) -> int:
    return next((part.number for part in candidate.score.why if part.reason == reason), 0)


def test_a_story_of_three_sources_comes_before_a_newer_one_of_one(db: Database) -> None:
    world = world_of(db)
    for source in SOURCES:
        world.article(BRIDGE, source=source, age=5)
    world.article("Walnut trees are planted along the road", source=SOURCES[0], age=1)
    first, second = best_first(db)
    assert (number_of(first, Reason.SOURCES), number_of(second, Reason.SOURCES)) == (3, 1)
    assert first.owner == "harbour-wire.example"
    assert "bridge" in first.words


def test_reports_after_the_end_of_the_window_do_not_count(db: Database) -> None:
    world = world_of(db)
    world.article(BRIDGE, source=SOURCES[0], age=5)
    for source in SOURCES[1:]:
        world.article(BRIDGE, source=source, age=-1)
    (story,) = load(db).candidates
    assert number_of(story, Reason.SOURCES) == 1


def test_the_home_and_weight_of_sources_count(db: Database) -> None:
    world = world_of(db)
    for source in SOURCES:
        world.article(f"{source} reports on the walnut harvest of this year", source=source)
    with db.begin() as tx:
        tx.execute(update(Source).where(Source.title == SOURCES[0]).values(home="KZ"))
        tx.execute(update(Source).where(Source.title == SOURCES[1]).values(weight=3.0))
    leads = [load(db).shown[candidate.id].lead.source for candidate in best_first(db)]
    assert leads == [SOURCES[1], SOURCES[2], SOURCES[0]]


def test_two_publishers_are_followed_in_their_own_order(db: Database) -> None:
    world = world_of(db)
    for n in range(4):
        world.article(f"Report {n} of this morning about the harvest in valley {n}", age=n + 1)
    assert load(db).publishers_order
    assert [candidate.id for candidate in best_first(db)] == [1, 2, 3, 4]
    with db.begin() as tx:
        tx.execute(update(Article).where(Article.id == 3).values(position=1))
    assert best_first(db)[0].id == 3


def test_sources_that_are_stopped_are_no_publishers(db: Database) -> None:
    world = world_of(db)
    for source in SOURCES:
        world.article(source=source)
    assert not load(db).publishers_order
    with db.begin() as tx:
        tx.execute(update(Source).where(Source.title == SOURCES[0]).values(state=SourceState.STOPPED))
    assert load(db).publishers_order

"""Composers that are kept compose as new ones do, whatever changes the news, and in whichever process."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from digest.articles import bulk_moderation, moderation
from digest.articles.models import Article, Story
from digest.articles.pruning import prune
from digest.articles.states import ArticleKind
from digest.articles.store import retention
from digest.articles.story_cache import StoryCache
from digest.database import Tx
from digest.editions.composer import Composer
from digest.editions.kept_composers import KeptComposers, end_of_minute
from digest.errors import DatelineError
from digest.sources.models import Source
from digest.sources.states import SourceState
from tests.builders import World

BRIDGE = "A new bridge over the river Chu was opened on Friday"
PORT = "The port of Lima gets a second pier for container ships"
DAY = timedelta(days=1)
Change = Callable[[World, int], object]


def write(change: Callable[[Tx, int], object]) -> Change:
    def run(world: World, number: int) -> None:
        with world.db.begin() as tx:
            change(tx, number)

    return run


def place(world: World, number: int) -> object:
    region = world.tree.get("pe" if number % 2 else "kz")
    return bulk_moderation.retag(world.db, [number], [region], world.clock())


CHANGES: dict[str, Change] = {
    "a report": lambda w, n: w.article(BRIDGE, source=f"Wire {n % 3}"),
    "a story": lambda w, n: w.article(countries=("KZ", "PE", "FR")[: 1 + n % 3], age=n % 30),
    "hide": lambda w, n: bulk_moderation.set_hidden(w.db, [n], hidden=True, now=w.clock()),
    "show": lambda w, n: bulk_moderation.set_hidden(w.db, [n], hidden=False, now=w.clock()),
    "pin": lambda w, n: bulk_moderation.change_pins(w.db, [n], "pin", w.clock()),
    "unpin": lambda w, n: bulk_moderation.change_pins(w.db, [n], "unpin", w.clock()),
    "merge": lambda w, n: bulk_moderation.merge_all(w.db, [n, 1 + n % 5], w.clock()),
    "split": lambda w, n: moderation.split(w.db, n),
    "retag": place,
    "kind": lambda w, n: bulk_moderation.choose_kind(w.db, [n], list(ArticleKind)[n % len(ArticleKind)]),
    "place in its source": write(lambda tx, n: tx.execute(update(Article).values(position=1 + n % 4))),
    "name of a source": write(lambda tx, n: tx.execute(update(Source).values(title=f"Paper {n}"))),
    "weight of a source": write(
        lambda tx, n: tx.execute(update(Source).where(Source.id == 1).values(weight=n / 7))
    ),
    "a stopped source": write(
        lambda tx, n: tx.execute(update(Source).where(Source.id == 2).values(state=list(SourceState)[n % 2]))
    ),
    "sent": lambda w, n: write(lambda tx, _n: retention.mark_kept(tx, [n], sent_at=w.clock()))(w, n),
    "thread": write(lambda tx, n: tx.execute(update(Story).where(Story.id == n).values(thread_id=1))),
    "pruned": lambda w, n: prune(w.db, w.clock() + timedelta(hours=n), keep=timedelta(hours=12)),
    "a removed source": write(lambda tx, n: tx.execute(delete(Source).where(Source.id == 3 + n))),
    "nothing": lambda _w, _n: None,
}


def everything(tx: Tx, composer: Composer) -> Sequence[object]:
    """All that pages show of a composer's news."""
    return [
        (story, composer.shown_story(story.id), composer.sent_chapter(story.id))
        for region in ("world", "central-asia", "south-america")
        for story in composer.rank_region(region, composer.start, frozenset(ArticleKind))
    ]


@pytest.fixture
def processes(world: World) -> list[KeptComposers]:
    return [KeptComposers(world.tree, StoryCache().load) for _ in range(2)]


def change_and_compare(world: World, kept: KeptComposers, name: str, number: int) -> None:
    end = end_of_minute(world.clock())
    with suppress(DatelineError):  # what it changes is gone
        CHANGES[name](world, number)
    with world.db.read() as tx:
        new = Composer(tx, world.tree, start=end - DAY, cutoff=end)
        assert everything(tx, kept.composer(tx, end - DAY, end)) == everything(tx, new), name


def test_each_change_is_seen_by_a_process_that_has_the_news_of_before(
    world: World, processes: list[KeptComposers]
) -> None:
    for name in CHANGES:
        for title in (BRIDGE, PORT):
            world.article(title, source="Wire 1")
        change_and_compare(world, processes[0], "nothing", 0)
        change_and_compare(world, processes[0], name, 2)


@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(1, 9), st.booleans()), min_size=3, max_size=9
    )
)
def test_a_kept_composer_is_as_a_new_one(
    world: World, processes: list[KeptComposers], changes: list[tuple[str, int, bool]]
) -> None:
    for name, number, second in changes:
        change_and_compare(world, processes[second], name, number)


def test_the_news_are_read_once_until_they_change(world: World, processes: list[KeptComposers]) -> None:
    world.article(BRIDGE)
    end = end_of_minute(world.clock())

    def composer(length: timedelta = DAY, minutes: float = 0) -> Composer:
        with world.db.read() as tx:
            until = end + timedelta(minutes=minutes)
            return processes[0].composer(tx, until - length, until)

    first = composer()
    write(lambda tx, _n: tx.execute(update(Source).values(next_poll_at=end)))(world, 1)  # as each poll does
    world.subscriber()
    assert composer() is first
    assert composer(2 * DAY) is not first
    assert composer() is first
    assert composer(minutes=0.5) is not first
    assert composer() is first
    assert composer(minutes=1) is not first
    second = composer()
    world.article(PORT)
    assert composer() is not second

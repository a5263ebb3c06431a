"""Taking in what a source has: never twice, never lost, whatever the source does with its guids, links and dates."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from digest.articles import moderation, pruning, releasing
from digest.articles.ingest import article_upsert
from digest.articles.ingest.article_upsert import Saved
from digest.articles.models import Article, Story
from digest.articles.pruning import Pruned
from digest.articles.pure.drafts import drafts
from digest.articles.pure.flood_rules import Past
from digest.articles.store import retention as kept
from digest.database import Database
from digest.regions import gazetteer
from digest.regions.pure.tagger import Tagger
from digest.sources.pure.entries import Entry
from digest.sources.store import sources
from digest.sources.store.sources import PollResult, Taken
from tests.builders import World
from tests.conftest import NOON, StoppedClock

KZ = "Kazakhstan opens a new bridge over the river"
GE = "Georgia plants a thousand walnut trees in spring"


class Take(Protocol):
    """Takes in a document of a source, now: returns (new, updated)."""

    def __call__(self, *entries: Entry, source: str = "The Steppe Post") -> tuple[int, int]: ...


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    return gazetteer.tagger()


def entry(title: str = KZ, *, guid: str = "1", link: str = "https://a.example/1", **more: object) -> Entry:
    return Entry(id=guid, title=title, link=link, **more)  # type: ignore[arg-type]


@pytest.fixture
def take(db: Database, world: World, tagger: Tagger, clock: StoppedClock) -> Take:
    def taken(*entries: Entry, source: str = "The Steppe Post") -> tuple[int, int]:
        found, _ = drafts(entries, tagger, home=None, seen_at=clock())
        with db.begin() as tx:
            done = article_upsert.save(tx, world_source(source), found, seen_at=clock(), language="en")
            return done.new, done.updated

    def world_source(title: str) -> int:
        return known.setdefault(title, world.source(title))

    known: dict[str, int] = {}
    return taken


def articles(db: Database) -> list[Article]:
    with db.read() as tx:
        query = select(Article).options(selectinload(Article.tags), selectinload(Article.story))
        return list(tx.scalars(query.order_by(Article.id)))


def stories(db: Database) -> list[Story]:
    with db.read() as tx:
        return list(tx.scalars(select(Story).order_by(Story.id)))


def published(hour: int) -> datetime:
    return NOON - timedelta(hours=hour)


def test_the_size_of_a_picture_is_kept_and_changes_with_it(db: Database, take: Take) -> None:
    take(entry(image="https://a.example/1.jpg", image_size=(1200, 800)))
    (article,) = articles(db)
    assert (article.image_width, article.image_height) == (1200, 800)
    take(entry(KZ + " at last", image="https://a.example/2.jpg"))
    (article,) = articles(db)
    assert (article.image_url, article.image_width, article.image_height) == (
        "https://a.example/2.jpg",
        None,
        None,
    )


def test_a_document_taken_in_twice_changes_nothing(db: Database, take: Take) -> None:
    document = (entry(), entry(GE, guid="2", link="https://a.example/2"))
    assert take(*document) == (2, 0)
    assert take(*document) == (0, 0)
    assert len(articles(db)) == len(stories(db)) == 2


def test_an_edited_entry_updates_its_article_and_tags(db: Database, take: Take) -> None:
    take(entry())
    before = stories(db)[0].version
    assert take(entry(GE)) == (0, 1)
    (article,) = articles(db)
    assert (article.title, [tag.country for tag in article.tags]) == (GE, ["GE"])
    assert stories(db)[0].version > before


def test_a_changed_guid_with_the_same_link_is_the_same_article(db: Database, take: Take) -> None:
    take(entry())
    assert take(entry(guid="new-system-1")) == (0, 0)
    assert take(entry(guid="new-system-1", link="https://a.example/1?utm_source=rss#top")) == (0, 0)
    assert len(articles(db)) == 1


def test_the_same_link_in_two_sources_is_one_article(db: Database, take: Take) -> None:
    take(entry())
    assert take(entry("Another headline for it altogether"), source="Harbour Wire") == (0, 0)
    assert articles(db)[0].title == KZ


def test_a_guid_used_again_for_other_news_loses_neither(db: Database, take: Take) -> None:
    take(entry(published=published(5)))
    assert take(entry(GE, link="https://a.example/2", published=published(1))) == (1, 0)
    assert take(entry(GE, link="https://a.example/2", published=published(1))) == (0, 0)
    found = {article.url: article.title for article in articles(db)}
    assert found == {"https://a.example/1": KZ, "https://a.example/2": GE}


def test_one_guid_for_all_entries_of_a_document_loses_none(db: Database, take: Take) -> None:
    document = [
        entry(f"Headline number {n} of the day", guid="0", link=f"https://a.example/{n}") for n in range(5)
    ]
    assert take(*document) == (5, 0)
    assert take(*document[::-1]) == (0, 0)
    assert take(entry("A sixth headline of the day", guid="0", link="https://a.example/6"), *document) == (
        1,
        0,
    )


def test_an_entry_whose_address_changed_is_the_same_article_at_its_new_address(
    db: Database, take: Take
) -> None:
    take(entry(published=published(2)))
    moved = entry(
        "Kazakhstan opens two new bridges", link="https://a.example/bridges", published=published(2)
    )
    assert take(moved) == (0, 1)
    assert take(moved) == (0, 0)
    assert [article.url for article in articles(db)] == ["https://a.example/bridges"]


def test_a_guid_that_is_another_entrys_address_does_no_harm(db: Database, take: Take) -> None:
    take(entry(guid="1"), entry(GE, guid="https://a.example/3", link="https://a.example/2"))
    assert take(entry("A third and last headline today", guid="1", link="https://a.example/3")) == (0, 0)
    assert len(articles(db)) == 2


def test_a_backlog_older_than_two_days_is_kept_but_is_no_news(
    db: Database, take: Take, clock: StoppedClock
) -> None:
    take(
        entry(published=clock() - timedelta(hours=48)),
        entry(GE, guid="2", link="https://a.example/2", published=clock() - timedelta(hours=47.9)),
    )
    assert [bool(article.story_id) for article in sorted(articles(db), key=lambda a: a.url)] == [False, True]
    assert len(stories(db)) == 1


def test_an_old_article_that_is_edited_does_not_become_news(
    db: Database, take: Take, clock: StoppedClock
) -> None:
    take(entry(published=clock() - timedelta(days=9)))
    assert take(entry(GE, published=clock() - timedelta(days=9))) == (0, 1)
    assert stories(db) == []


def test_what_an_editor_tagged_holds_when_the_text_changes(db: Database, world: World, take: Take) -> None:
    take(entry())
    moderation.retag(db, world.tree, articles(db)[0].id, ["AM"], now=world.clock())
    take(entry(GE))
    (article,) = articles(db)
    assert (article.title, [tag.country for tag in article.tags]) == (GE, ["AM"])


def test_the_same_headline_of_two_sources_is_one_story(db: Database, take: Take, clock: StoppedClock) -> None:
    take(entry())
    clock.forward(hours=47)
    take(entry(KZ.upper() + "!", link="https://b.example/1"), source="Harbour Wire")
    (story,) = stories(db)
    assert story.first_seen_at < clock()
    assert story.version == 2
    clock.forward(hours=2)
    take(entry(link="https://c.example/1"), source="Lantern Wire")
    assert len(stories(db)) == 2


def test_the_same_headline_of_one_source_is_two_stories(db: Database, take: Take) -> None:
    take(entry(), entry(guid="2", link="https://a.example/2"))
    assert len(stories(db)) == 2


def test_short_headlines_of_two_sources_stay_apart(db: Database, take: Take) -> None:
    take(entry("Live updates today"))
    take(entry("Live updates today", link="https://b.example/1"), source="Harbour Wire")
    assert len(stories(db)) == 2


def test_a_document_of_hundreds_of_entries_is_taken_in_whole(db: Database, take: Take) -> None:
    document = [
        entry(f"Headline number {n} of the day", guid=f"g{n}", link=f"https://a.example/{n}")
        for n in range(510)
    ]
    assert take(*document) == (510, 0)
    assert take(*document) == (0, 0)


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "\u202e", "\x1b[31m", "<script>alert(1)</script>"])
def test_hostile_characters_anywhere_are_stored_or_dropped_but_stop_nothing(
    db: Database, take: Take, bad: str
) -> None:
    hostile = entry(
        f"Grain {bad}moves again down the river",
        guid=f"x{bad}y",
        link=f"https://a.example/{bad}1",
        author=f"A{bad}",
        summary=f"s{bad}",
        content=f"<p>c{bad}</p>",
    )
    assert take(hostile, entry(GE, guid="2", link="https://a.example/2")) == (2, 0)
    assert take(hostile) == (0, 0)
    assert "\x00" not in "".join(article.title + article.text + article.guid for article in articles(db))


def test_guids_and_links_of_any_length_stop_nothing(db: Database, take: Take) -> None:
    noise = "".join(random.Random(1).choices("абвгдежзийклмноп", k=9000))  # noqa: S311 -- incompressible text
    long = entry(guid=noise, link="https://a.example/" + "x" * 1900)
    assert take(long, entry(GE, guid="2", link="https://a.example/" + "y" * 9000)) == (1, 0)
    assert take(long) == (0, 0)


def test_entries_without_a_guid_are_known_by_their_link(db: Database, take: Take) -> None:
    assert take(entry(guid=""), entry(GE, guid="", link="https://a.example/2")) == (2, 0)
    assert take(entry(GE, guid="", link="https://a.example/2")) == (0, 0)


OWN_PAGE = "https://the-steppe-post.example/1"


def test_a_publishers_own_version_takes_its_article_over_from_whoever_listed_it_first(
    db: Database, take: Take
) -> None:
    take(entry("Buy cheap watches from our shop now", link=OWN_PAGE), source="Hostile Planet")
    assert articles(db)[0].source_id == 1
    assert take(entry(KZ, link=OWN_PAGE), source="The Steppe Post") == (0, 1)
    (article,) = articles(db)
    assert (article.title, article.source_id, [tag.country for tag in article.tags]) == (KZ, 2, ["KZ"])
    assert stories(db)[0].version > 1
    assert take(entry("Buy cheap watches from our shop now", link=OWN_PAGE), source="Hostile Planet") == (
        0,
        0,
    )
    assert articles(db)[0].title == KZ


def test_nobody_keeps_a_publishers_news_out_by_listing_it_as_old(db: Database, take: Take) -> None:
    take(
        entry("Nothing to see here at all", link=OWN_PAGE, published=published(900)), source="Hostile Planet"
    )
    assert stories(db) == []
    take(entry(KZ, link=OWN_PAGE, published=published(1)), source="The Steppe Post")
    assert [article.story_id for article in articles(db)] == [stories(db)[0].id]


def test_an_article_passes_even_if_its_owner_has_used_the_guid(db: Database, take: Take) -> None:
    take(
        entry(GE, link="https://the-steppe-post.example/9", published=published(9)), source="The Steppe Post"
    )
    take(entry("A headline of somebody else", guid="z", link=OWN_PAGE), source="Hostile Planet")
    assert take(entry(KZ, guid="1", link=OWN_PAGE, published=published(1)), source="The Steppe Post") == (
        0,
        1,
    )
    assert {article.title for article in articles(db)} == {KZ, GE}


def test_a_site_that_changes_over_to_https_is_not_told_twice(db: Database, take: Take) -> None:
    take(entry(guid="", link="http://a.example/1"))
    assert take(entry(guid="", link="https://a.example/1")) == (0, 1)
    assert take(entry(guid="", link="http://a.example/1")) == (0, 0)
    assert [article.url for article in articles(db)] == ["https://a.example/1"]


def test_a_new_system_with_new_guids_and_addresses_tells_nothing_twice(db: Database, take: Take) -> None:
    def listed(kind: str) -> list[Entry]:
        titles = [f"Headline {n} of the day" for n in range(5)]
        return [
            entry(title, guid=f"{kind}{n}", link=f"https://a.example/{kind}/{n}", published=published(n + 1))
            for n, title in enumerate(titles)
        ]

    old, new = listed("a"), listed("b")
    take(*old)
    assert take(*new) == (0, 5)
    assert take(*new) == (0, 0)
    assert {article.url for article in articles(db)} == {entry.link for entry in new}
    assert len(stories(db)) == 5


def test_two_entries_alike_in_one_document_are_two_articles(db: Database, take: Take) -> None:
    when = published(3)
    alike = [
        entry("The weather for today", guid=f"{n}", link=f"https://a.example/{n}", published=when)
        for n in range(2)
    ]
    assert take(alike[0]) == (1, 0)
    assert take(*alike) == (1, 0)


def test_an_entry_at_a_new_address_is_another_one_while_the_old_address_is_listed(
    db: Database, take: Take
) -> None:
    take(entry(published=published(2)))
    moved = entry(link="https://a.example/2", published=published(2))
    assert take(moved, entry(guid="9", published=published(2))) == (1, 0)
    assert take(moved, entry(guid="9", published=published(2))) == (0, 0)


def hour_old(n: int, **more: object) -> Entry:
    return entry(f"Headline number {n} of the day", guid=f"g{n}", link=f"https://a.example/{n}", **more)


@pytest.fixture
def saved(db: Database, world: World, tagger: Tagger, clock: StoppedClock) -> Callable[..., Saved]:
    """Save entries of one source whose past is known."""

    def save(*entries: Entry, **past: object) -> Saved:
        known = {"per_day": 2.0, "lately": 0, "last_read": clock() - timedelta(hours=1)} | past
        found, _ = drafts(entries, tagger, home=None, seen_at=clock())
        source = world.source()
        with db.begin() as tx:
            return article_upsert.save(tx, source, found, seen_at=clock(), language="en", past=Past(**known))  # type: ignore[arg-type]

    return save


def test_a_flood_is_held_and_becomes_news_when_an_editor_releases_it(
    db: Database, saved: Callable[..., Saved], clock: StoppedClock
) -> None:
    flood = [hour_old(n, published=published(1)) for n in range(40)]
    assert saved(*flood) == Saved(held=40)
    assert stories(db) == []
    assert saved(*flood) == Saved()
    clock.forward(hours=5)
    assert releasing.release(db, 1, clock()) == 40
    assert {story.first_seen_at for story in stories(db)} == {clock()}
    assert [article.story_id for article in articles(db)] == [story.id for story in stories(db)]
    assert releasing.release(db, 1, clock()) == 0


def test_of_a_first_document_a_flood_of_fresh_entries_is_held_and_its_backlog_is_not(
    db: Database, saved: Callable[..., Saved], clock: StoppedClock
) -> None:
    flood = [hour_old(n, published=published(1)) for n in range(200)]
    backlog = [hour_old(n, published=published(100)) for n in range(200, 250)]
    assert saved(*flood, *backlog, last_read=None) == Saved(new=50, held=200)
    assert stories(db) == []
    assert releasing.release(db, 1, clock()) == 200
    assert len({article.story_id for article in articles(db)} - {None}) == len(stories(db)) > 0
    assert sum(article.story_id is None for article in articles(db)) == 50


def test_only_old_entries_are_held_and_dropped_ones_stay_out_though_they_are_edited(
    db: Database, saved: Callable[..., Saved]
) -> None:
    old = [hour_old(n, published=published(24 * 90 + n)) for n in range(12)]
    assert saved(*old) == Saved(held=12)
    assert releasing.drop(db, 1) == 12
    edited = [replace(one, summary="A correction.") for one in old]
    assert saved(*edited) == Saved(updated=12)
    assert stories(db) == []
    assert releasing.take_back(db, 1) == 12


def test_what_bears_no_date_in_a_first_document_is_backlog_and_is_news_later(
    db: Database, saved: Callable[..., Saved]
) -> None:
    assert saved(*map(hour_old, range(50)), last_read=None) == Saved(new=50)
    assert stories(db) == []
    assert saved(*map(hour_old, range(52))) == Saved(new=2)
    assert len(stories(db)) == 2


def test_old_articles_go_and_what_is_in_a_digest_or_still_listed_stays(
    db: Database, saved: Callable[..., Saved], clock: StoppedClock
) -> None:
    saved(*(hour_old(n, published=published(1)) for n in range(4)))
    with db.begin() as tx:
        kept.keep(tx, [next(a.story_id for a in articles(db) if a.guid == "g0") or 0])
    for _ in range(70):
        clock.forward(days=1)
        saved(hour_old(1, published=published(1)), hour_old(9, published=published(1)))
        with db.begin() as tx:
            sources.record(tx, 1, PollResult(clock(), taken=Taken()), clock())
    keep = timedelta(days=60)
    assert pruning.prune(db, clock(), keep=keep) == Pruned(articles=2, stories=2)
    assert {article.guid for article in articles(db)} == {"g0", "g1", "g9"}
    assert len(stories(db)) == 3
    assert pruning.prune(db, clock(), keep=keep) == Pruned(0, 0)
    assert saved(hour_old(1, published=published(1)), last_read=clock()) == Saved()

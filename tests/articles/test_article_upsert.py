"""Taking in the entries of a source: no article twice and none lost, even if guids, links and dates change."""

import random
from datetime import timedelta

import pytest

from digest.articles import moderation
from digest.database import Database
from digest.sources.pure.entries import Entry
from tests.articles.article_helpers import GE, KZ, TakeIn, all_articles, all_stories, entry, hours_ago
from tests.builders import World
from tests.conftest import StoppedClock


def test_the_size_of_a_picture_is_kept_and_changes_with_it(db: Database, take_in: TakeIn) -> None:
    take_in(entry(image="https://a.example/1.jpg", image_size=(1200, 800)))
    (article,) = all_articles(db)
    assert (article.image_width, article.image_height) == (1200, 800)
    take_in(entry(KZ + " at last", image="https://a.example/2.jpg"))
    (article,) = all_articles(db)
    assert (article.image_url, article.image_width, article.image_height) == (
        "https://a.example/2.jpg",
        None,
        None,
    )


def test_a_document_taken_in_twice_changes_nothing(db: Database, take_in: TakeIn) -> None:
    document = (entry(), entry(GE, guid="2", link="https://a.example/2"))
    assert take_in(*document) == (2, 0)
    assert take_in(*document) == (0, 0)
    assert len(all_articles(db)) == len(all_stories(db)) == 2


def test_an_edited_entry_updates_its_article_and_tags(db: Database, take_in: TakeIn) -> None:
    take_in(entry())
    before = all_stories(db)[0].version
    assert take_in(entry(GE)) == (0, 1)
    (article,) = all_articles(db)
    assert (article.title, [tag.country for tag in article.tags]) == (GE, ["GE"])
    assert all_stories(db)[0].version > before


def test_a_changed_guid_with_the_same_link_is_the_same_article(db: Database, take_in: TakeIn) -> None:
    take_in(entry())
    assert take_in(entry(guid="new-system-1")) == (0, 0)
    assert take_in(entry(guid="new-system-1", link="https://a.example/1?utm_source=rss#top")) == (0, 0)
    assert len(all_articles(db)) == 1


def test_the_same_link_in_two_sources_is_one_article(db: Database, take_in: TakeIn) -> None:
    take_in(entry())
    assert take_in(entry("Another headline for it altogether"), source="Harbour Wire") == (0, 0)
    assert all_articles(db)[0].title == KZ


def test_a_guid_used_again_for_other_news_loses_neither(db: Database, take_in: TakeIn) -> None:
    take_in(entry(published=hours_ago(5)))
    assert take_in(entry(GE, link="https://a.example/2", published=hours_ago(1))) == (1, 0)
    assert take_in(entry(GE, link="https://a.example/2", published=hours_ago(1))) == (0, 0)
    titles = {article.url: article.title for article in all_articles(db)}
    assert titles == {"https://a.example/1": KZ, "https://a.example/2": GE}


def test_one_guid_for_all_entries_of_a_document_loses_none(db: Database, take_in: TakeIn) -> None:
    document = [
        entry(f"Headline number {n} of the day", guid="0", link=f"https://a.example/{n}") for n in range(5)
    ]
    assert take_in(*document) == (5, 0)
    assert take_in(*document[::-1]) == (0, 0)
    assert take_in(entry("A sixth headline of the day", guid="0", link="https://a.example/6"), *document) == (
        1,
        0,
    )


def test_an_entry_whose_address_changed_is_the_same_article_at_its_new_address(
    db: Database, take_in: TakeIn
) -> None:
    take_in(entry(published=hours_ago(2)))
    moved = entry(
        "Kazakhstan opens two new bridges", link="https://a.example/bridges", published=hours_ago(2)
    )
    assert take_in(moved) == (0, 1)
    assert take_in(moved) == (0, 0)
    assert [article.url for article in all_articles(db)] == ["https://a.example/bridges"]


def test_a_guid_that_is_another_entrys_address_does_no_harm(db: Database, take_in: TakeIn) -> None:
    take_in(entry(guid="1"), entry(GE, guid="https://a.example/3", link="https://a.example/2"))
    assert take_in(entry("A third and last headline today", guid="1", link="https://a.example/3")) == (0, 0)
    assert len(all_articles(db)) == 2


def test_a_backlog_older_than_two_days_is_kept_but_is_no_news(
    db: Database, take_in: TakeIn, clock: StoppedClock
) -> None:
    take_in(
        entry(published=clock() - timedelta(hours=48)),
        entry(GE, guid="2", link="https://a.example/2", published=clock() - timedelta(hours=47.9)),
    )
    assert [bool(article.story_id) for article in sorted(all_articles(db), key=lambda a: a.url)] == [
        False,
        True,
    ]
    assert len(all_stories(db)) == 1


def test_an_old_article_that_is_edited_does_not_become_news(
    db: Database, take_in: TakeIn, clock: StoppedClock
) -> None:
    take_in(entry(published=clock() - timedelta(days=9)))
    assert take_in(entry(GE, published=clock() - timedelta(days=9))) == (0, 1)
    assert all_stories(db) == []


def test_an_editors_tags_stay_when_the_text_changes(db: Database, world: World, take_in: TakeIn) -> None:
    take_in(entry())
    moderation.retag(db, world.tree, all_articles(db)[0].id, ["AM"], now=world.clock())
    take_in(entry(GE))
    (article,) = all_articles(db)
    assert (article.title, [tag.country for tag in article.tags]) == (GE, ["AM"])


def test_the_same_headline_of_two_sources_is_one_story(
    db: Database, take_in: TakeIn, clock: StoppedClock
) -> None:
    take_in(entry())
    clock.advance(hours=47)
    take_in(entry(KZ.upper() + "!", link="https://b.example/1"), source="Harbour Wire")
    (story,) = all_stories(db)
    assert story.first_seen_at < clock()
    assert story.version == 2
    clock.advance(hours=73)
    take_in(entry(link="https://c.example/1"), source="Lantern Wire")
    assert len(all_stories(db)) == 2


def test_the_same_headline_of_one_source_is_one_story(db: Database, take_in: TakeIn) -> None:
    take_in(entry(), entry(guid="2", link="https://a.example/2"))
    assert len(all_stories(db)) == 1


def test_short_headlines_of_two_sources_stay_apart(db: Database, take_in: TakeIn) -> None:
    take_in(entry("Live updates today"))
    take_in(entry("Live updates today", link="https://b.example/1"), source="Harbour Wire")
    assert len(all_stories(db)) == 2


def test_a_document_of_hundreds_of_entries_is_taken_in_completely(db: Database, take_in: TakeIn) -> None:
    document = [
        entry(f"Headline number {n} of the day", guid=f"g{n}", link=f"https://a.example/{n}")
        for n in range(510)
    ]
    assert take_in(*document) == (510, 0)
    assert take_in(*document) == (0, 0)


@pytest.mark.parametrize("character", ["\x00", "\ud800", "\u202e", "\x1b[31m", "<script>alert(1)</script>"])
def test_hostile_characters_anywhere_are_stored_or_dropped_but_stop_nothing(
    db: Database, take_in: TakeIn, character: str
) -> None:
    hostile = entry(
        f"Grain {character}moves again down the river",
        guid=f"x{character}y",
        link=f"https://a.example/{character}1",
        author=f"A{character}",
        summary=f"s{character}",
        content=f"<p>c{character}</p>",
    )
    assert take_in(hostile, entry(GE, guid="2", link="https://a.example/2")) == (2, 0)
    assert take_in(hostile) == (0, 0)
    assert "\x00" not in "".join(article.title + article.text + article.guid for article in all_articles(db))


def test_guids_and_links_of_any_length_stop_nothing(db: Database, take_in: TakeIn) -> None:
    random_text = "".join(random.Random(1).choices("абвгдежзийклмноп", k=9000))  # noqa: S311 -- incompressible text
    long_entry = entry(guid=random_text, link="https://a.example/" + "x" * 1900)
    assert take_in(long_entry, entry(GE, guid="2", link="https://a.example/" + "y" * 9000)) == (1, 0)
    assert take_in(long_entry) == (0, 0)


def test_entries_without_a_guid_are_known_by_their_link(db: Database, take_in: TakeIn) -> None:
    assert take_in(entry(guid=""), entry(GE, guid="", link="https://a.example/2")) == (2, 0)
    assert take_in(entry(GE, guid="", link="https://a.example/2")) == (0, 0)


OWN_PAGE = "https://the-steppe-post.example/1"


def test_a_publishers_own_version_takes_its_article_over_from_the_source_that_listed_it_first(
    db: Database, take_in: TakeIn
) -> None:
    take_in(entry("Buy cheap watches from our shop now", link=OWN_PAGE), source="Hostile Planet")
    assert all_articles(db)[0].source_id == 1
    assert take_in(entry(KZ, link=OWN_PAGE), source="The Steppe Post") == (0, 1)
    (article,) = all_articles(db)
    assert (article.title, article.source_id, [tag.country for tag in article.tags]) == (KZ, 2, ["KZ"])
    assert all_stories(db)[0].version > 1
    assert take_in(entry("Buy cheap watches from our shop now", link=OWN_PAGE), source="Hostile Planet") == (
        0,
        0,
    )
    assert all_articles(db)[0].title == KZ


def test_nobody_keeps_a_publishers_news_out_by_listing_it_as_old(db: Database, take_in: TakeIn) -> None:
    take_in(
        entry("Nothing to see here at all", link=OWN_PAGE, published=hours_ago(900)), source="Hostile Planet"
    )
    assert all_stories(db) == []
    take_in(entry(KZ, link=OWN_PAGE, published=hours_ago(1)), source="The Steppe Post")
    assert [article.story_id for article in all_articles(db)] == [all_stories(db)[0].id]


def test_an_article_passes_even_if_its_owner_has_used_the_guid(db: Database, take_in: TakeIn) -> None:
    take_in(
        entry(GE, link="https://the-steppe-post.example/9", published=hours_ago(9)),
        source="The Steppe Post",
    )
    take_in(entry("A headline of somebody else", guid="z", link=OWN_PAGE), source="Hostile Planet")
    assert take_in(entry(KZ, guid="1", link=OWN_PAGE, published=hours_ago(1)), source="The Steppe Post") == (
        0,
        1,
    )
    assert {article.title for article in all_articles(db)} == {KZ, GE}


def test_a_site_that_changes_to_https_brings_no_article_twice(db: Database, take_in: TakeIn) -> None:
    take_in(entry(guid="", link="http://a.example/1"))
    assert take_in(entry(guid="", link="https://a.example/1")) == (0, 1)
    assert take_in(entry(guid="", link="http://a.example/1")) == (0, 0)
    assert [article.url for article in all_articles(db)] == ["https://a.example/1"]


def test_a_new_system_with_new_guids_and_addresses_brings_no_article_twice(
    db: Database, take_in: TakeIn
) -> None:
    def document(kind: str) -> list[Entry]:
        titles = [f"Headline {n} of the day" for n in range(5)]
        return [
            entry(title, guid=f"{kind}{n}", link=f"https://a.example/{kind}/{n}", published=hours_ago(n + 1))
            for n, title in enumerate(titles)
        ]

    old, new = document("a"), document("b")
    take_in(*old)
    assert take_in(*new) == (0, 5)
    assert take_in(*new) == (0, 0)
    assert {article.url for article in all_articles(db)} == {entry.link for entry in new}
    assert len(all_stories(db)) == 5


def test_two_entries_with_one_headline_and_date_are_two_articles(db: Database, take_in: TakeIn) -> None:
    date = hours_ago(3)
    entries = [
        entry("The weather for today", guid=f"{n}", link=f"https://a.example/{n}", published=date)
        for n in range(2)
    ]
    assert take_in(entries[0]) == (1, 0)
    assert take_in(*entries) == (1, 0)


def test_an_entry_at_a_new_address_is_another_one_while_the_old_address_is_listed(
    db: Database, take_in: TakeIn
) -> None:
    take_in(entry(published=hours_ago(2)))
    moved = entry(link="https://a.example/2", published=hours_ago(2))
    assert take_in(moved, entry(guid="9", published=hours_ago(2))) == (1, 0)
    assert take_in(moved, entry(guid="9", published=hours_ago(2))) == (0, 0)

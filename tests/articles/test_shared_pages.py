"""Articles that share one page, such as alerts and posts with anchors, over several documents of their source."""

import pytest
from sqlalchemy import select

from digest.articles.models import Article
from digest.database import Database
from digest.sources.pure.entries import Entry
from tests.articles.article_helpers import GE, KZ, TakeIn, all_articles, all_stories, entry, hours_ago

PAGE = "https://a.example/alerts"


def alert(number: int, *, guid: str = "", link: str = PAGE, summary: str = "") -> Entry:
    title = f"Flood number {number} is reported from Batumi"
    published = hours_ago(20 - number)
    return entry(title, guid=guid or f"alert-{number}", link=link, published=published, summary=summary)


def test_alerts_with_one_link_are_all_taken_in_once(db: Database, take_in: TakeIn) -> None:
    alerts = [alert(n) for n in range(5)]
    assert take_in(*alerts) == (5, 0)
    assert take_in(*alerts[::-1]) == (0, 0)
    assert all(article.url.startswith(f"{PAGE}#entry-") for article in all_articles(db))


def test_each_new_alert_at_the_same_link_is_news(db: Database, take_in: TakeIn) -> None:
    for n in range(4):
        assert take_in(alert(n)) == (1, 0)
        assert take_in(alert(n)) == (0, 0)
    assert take_in(*(alert(n) for n in range(5))) == (1, 0)
    assert all(article.story_id for article in all_articles(db))
    assert {article.title for article in all_articles(db)} == {alert(n).title for n in range(5)}


def test_an_article_keeps_its_address_when_it_gets_company(db: Database, take_in: TakeIn) -> None:
    take_in(alert(1))
    take_in(alert(2), alert(1))
    assert take_in(alert(2)) == (0, 0)
    assert take_in(alert(1)) == (0, 0)
    first, second = all_articles(db)
    assert (first.url, second.url.partition("-")[0]) == (PAGE, f"{PAGE}#entry")


def test_each_day_of_a_page_with_anchors_is_taken_in(db: Database, take_in: TakeIn) -> None:
    posts = [alert(n, guid=f"{PAGE}#n{n}", link=f"{PAGE}#n{n}") for n in range(4)]
    assert take_in(posts[0]) == (1, 0)
    assert take_in(posts[1]) == (1, 0)
    assert take_in(*posts) == (2, 0)
    assert take_in(*posts) == (0, 0)


def test_an_edited_alert_is_updated(db: Database, take_in: TakeIn) -> None:
    take_in(alert(1), alert(2))
    assert take_in(alert(1, summary="The water falls again."), alert(2)) == (0, 1)
    assert len(all_articles(db)) == 2


@pytest.mark.parametrize(
    ("guids", "title", "published"),
    [
        (("https://a.example/alerts#0", "https://a.example/alerts#1"), GE, hours_ago(1)),  # a count of edits
        (("1", "2"), KZ, hours_ago(1)),  # the headline is the same
        (("1", "2"), GE, hours_ago(3)),  # the date is the same
        (("1", "1"), GE, hours_ago(1)),  # the guid is the same
        (("1", ""), GE, hours_ago(1)),  # there is no guid any more
        (("", "2"), GE, hours_ago(1)),  # there was no guid before
    ],
)
def test_an_edit_at_the_same_link_is_no_other_article(
    db: Database, take_in: TakeIn, guids: tuple[str, str], title: str, published: object
) -> None:
    take_in(entry(guid=guids[0], link=PAGE, published=hours_ago(3)))
    assert take_in(entry(title, guid=guids[1], link=PAGE, published=published))[0] == 0
    assert len(all_articles(db)) == len(all_stories(db)) == 1


def test_guids_that_change_at_every_poll_bring_no_flood(db: Database, take_in: TakeIn) -> None:
    for n in range(4):
        take_in(
            *(
                entry(f"Headline number {m} of today", guid=f"{n}-{m}", link=f"https://a.example/{m}")
                for m in range(5)
            )
        )
    assert len(all_articles(db)) == 5


def test_two_sources_with_the_same_alerts_have_one_article_of_each(db: Database, take_in: TakeIn) -> None:
    alerts = [alert(n) for n in range(3)]
    take_in(*alerts)
    assert take_in(*alerts, source="Harbour Wire") == (0, 0)
    with db.read() as tx:
        assert len(list(tx.scalars(select(Article.id)))) == 3


def test_anchors_of_one_article_stay_one_article(db: Database, take_in: TakeIn) -> None:
    take_in(entry(link="https://a.example/1#top"))
    assert take_in(entry(link="https://a.example/1#comments", published=hours_ago(1))) == (0, 0)
    assert [article.url for article in all_articles(db)] == ["https://a.example/1"]


def test_a_page_that_moved_keeps_its_alerts(db: Database, take_in: TakeIn) -> None:
    take_in(alert(1), alert(2))
    moved = [alert(n, link="https://a.example/warnings") for n in (1, 2)]
    assert take_in(*moved) == (0, 2)
    assert take_in(*moved) == (0, 0)
    assert all(article.url.startswith("https://a.example/warnings#entry-") for article in all_articles(db))

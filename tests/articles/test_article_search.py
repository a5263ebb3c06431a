"""The search for articles on both databases: words, and the index following what is written."""

from collections.abc import Sequence

import pytest
from sqlalchemy import delete, select

from digest.articles.models import Article
from digest.articles.store import article_search
from digest.articles.store.article_search import ArticleFilter
from digest.database import Database
from digest.regions.tree.region_tree import RegionTree
from tests.builders import World
from tests.conftest import StoppedClock


@pytest.fixture
def written(db: Database, clock: StoppedClock, tree: RegionTree) -> World:
    world = World(db, tree, clock)
    world.article("Мост открыт в Тбилиси", ["GE"], text="Инженер доволен.", age=3)
    world.article("A bridge was opened", ["GE"], text="The engineers are content.", age=2)
    world.article("A café burned down", ["FR"], text="Nobody was hurt.", age=1)
    return world


def titles(db: Database, words: str) -> Sequence[str]:
    with db.read() as tx:
        return [article.title for article in article_search.page(tx, ArticleFilter(words)).rows]


def test_all_words_must_be_there_as_beginnings(written: World, db: Database) -> None:
    assert titles(db, "engin") == ["A bridge was opened"]
    assert titles(db, "ИНЖЕНЕР мост") == ["Мост открыт в Тбилиси"]
    assert titles(db, "opened bridge content") == ["A bridge was opened"]
    assert titles(db, "bridge hurt") == []
    assert titles(db, "café") == ["A café burned down"]
    assert len(titles(db, "...")) == 3


def test_a_word_of_many_articles_finds_the_newest_and_counts_no_further(
    written: World, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(article_search, "MAX_COUNTED", 2)
    for number in range(3):
        written.article(f"Rain {number}", ["DE"], text="It rained.", age=number)
    assert titles(db, "rain") == ["Rain 0", "Rain 1", "Rain 2"]
    assert titles(db, "rain 2") == ["Rain 2"]
    with db.read() as tx:
        assert article_search.count(tx, ArticleFilter("rain")) == 3
        assert article_search.count(tx, ArticleFilter("bridge")) == 1


@pytest.mark.parametrize("nearest", [1, 3, 4, 100])  # too few articles, hardly enough and all
def test_pages_of_a_frequent_word_are_complete_wherever_they_are_looked_for(
    written: World, db: Database, monkeypatch: pytest.MonkeyPatch, nearest: int
) -> None:
    monkeypatch.setattr(article_search, "MAX_COUNTED", 2)
    monkeypatch.setattr(article_search, "PAGE_SIZE", 2)
    monkeypatch.setattr(article_search, "NEAREST", nearest)
    for number in (3, 0, 4, 1, 2):  # the ids are in another order than the times
        written.article(f"Rain {number}", ["DE", "FR"][: 1 + number % 2], text="It rained.", age=number)
    rain, french_rain = ArticleFilter("rain"), ArticleFilter("rain", place="FR")
    with db.read() as tx:
        first = article_search.page(tx, rain)
        second = article_search.page(tx, rain, after=first.older)
        third = article_search.page(tx, rain, after=second.older)
        back = article_search.page(tx, rain, before=third.newer)
        pages = [[article.title for article in page.rows] for page in (first, second, third, back)]
        assert pages == [["Rain 0", "Rain 1"], ["Rain 2", "Rain 3"], ["Rain 4"], ["Rain 2", "Rain 3"]]
        assert [article.title for article in article_search.page(tx, french_rain).rows] == [
            "Rain 1",
            "Rain 3",
        ]
        assert (article_search.count(tx, rain), article_search.count(tx, french_rain)) == (3, 2)


def test_words_are_as_the_index_has_them_whatever_their_case(written: World, db: Database) -> None:
    written.article("Die Straße ist gesperrt", ["DE"], text="Nach İstanbul fährt niemand.", age=1)
    for words in ("Straße", "straße", "İstanbul", "STRA gesperrt"):
        assert titles(db, words) == ["Die Straße ist gesperrt"], words


def test_the_index_follows_changes_and_deletions(written: World, db: Database) -> None:
    with db.begin() as tx:
        article = tx.scalars(select(Article).where(Article.title == "A bridge was opened")).one()
        article.title, article.text = "A tunnel was dug", "Moles are jealous."
    assert titles(db, "bridge") == []
    assert titles(db, "moles") == ["A tunnel was dug"]
    with db.begin() as tx:
        tx.execute(delete(Article).where(Article.title == "A tunnel was dug"))
    assert titles(db, "moles") == []


def test_pages_go_forth_and_back(written: World, db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(article_search, "PAGE_SIZE", 2)
    with db.read() as tx:
        first = article_search.page(tx, ArticleFilter())
        second = article_search.page(tx, ArticleFilter(), after=first.older)
        again = article_search.page(tx, ArticleFilter(), before=second.newer)
        assert [len(first.rows), len(second.rows)] == [2, 1]
        assert (first.newer, second.older) == ("", "")
        assert [row.id for row in again.rows] == [row.id for row in first.rows]
        assert article_search.page(tx, ArticleFilter(), after="nonsense").rows == first.rows
        assert article_search.count(tx, ArticleFilter()) == 3
        assert article_search.languages(tx) == ["en"]

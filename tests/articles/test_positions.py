"""The place of an article in its source's own order is kept, and follows the source."""

from digest.database import Database
from digest.sources.pure.entries import Entry
from tests.articles.article_helpers import TakeIn, all_articles, hours_ago, numbered_entry


def places(db: Database) -> dict[str, int | None]:
    return {article.guid: article.position for article in all_articles(db)}


def document(*numbers: int) -> list[Entry]:
    return [numbered_entry(number) for number in numbers]


def test_an_article_has_the_place_where_its_source_lists_it(db: Database, take_in: TakeIn) -> None:
    take_in(*document(3, 1, 2))
    assert places(db) == {"g3": 1, "g1": 2, "g2": 3}


def test_an_article_that_the_source_moves_has_its_new_place(db: Database, take_in: TakeIn) -> None:
    take_in(*document(1, 2, 3))
    take_in(*document(3, 4, 1, 2))
    assert places(db) == {"g3": 1, "g4": 2, "g1": 3, "g2": 4}


def test_an_article_that_the_source_no_longer_lists_keeps_its_last_place(
    db: Database, take_in: TakeIn
) -> None:
    take_in(*document(1, 2, 3))
    take_in(*document(4, 3))
    assert places(db) == {"g1": 1, "g2": 2, "g4": 1, "g3": 2}


def test_a_feed_by_time_gives_no_places_and_takes_them_back(db: Database, take_in: TakeIn) -> None:
    take_in(*(numbered_entry(n, published=hours_ago(age)) for n, age in ((1, 9), (2, 3), (3, 7), (4, 5))))
    assert places(db) == {"g1": 1, "g2": 2, "g3": 3, "g4": 4}
    take_in(*(numbered_entry(n, published=hours_ago(age)) for n, age in ((2, 3), (4, 5), (3, 7), (1, 9))))
    assert set(places(db).values()) == {None}


def test_another_source_that_lists_an_article_does_not_move_it(db: Database, take_in: TakeIn) -> None:
    take_in(*document(1, 2))
    take_in(*document(2, 1), source="Harbour Wire")
    assert places(db) == {"g1": 1, "g2": 2}

"""Conditions with many values, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from digest.articles.models import Article, Story
from digest.database import Database, is_one_of
from digest.regions.tree import region_tree
from tests.builders import World
from tests.conftest import StoppedClock


@pytest.fixture
def ids(db: Database, clock: StoppedClock) -> list[int]:
    world = World(db, region_tree.load(), clock)
    for age, title in enumerate(("One", "Two", "Three")):
        world.article(title, age=age)
    with db.read() as tx:
        return list(tx.scalars(select(Article.id).order_by(Article.seen_at.desc())))


def test_values_of_each_type_are_found(db: Database, ids: list[int], clock: StoppedClock) -> None:
    with db.read() as tx:
        found = select(Article.title).order_by(Article.title)
        assert tx.scalars(found.where(is_one_of(tx, Article.id, set(ids[:2])))).all() == ["One", "Two"]
        assert tx.scalars(found.where(is_one_of(tx, Article.title, ("Three", "Four")))).all() == ["Three"]
        moments = [clock() - timedelta(hours=1), datetime(2020, 1, 1, tzinfo=UTC)]
        assert tx.scalars(found.where(is_one_of(tx, Article.seen_at, moments))).all() == ["Two"]
        assert tx.scalars(found.where(is_one_of(tx, Article.id, []))).all() == []


def test_a_value_that_is_longer_than_its_column_is_not_found_by_its_beginning(
    db: Database, ids: list[int]
) -> None:
    with db.begin() as tx:
        tx.get_one(Story, 1).title_key = "k" * 64
    with db.read() as tx:
        keys = select(Story.id)
        assert tx.scalars(keys.where(is_one_of(tx, Story.title_key, ["k" * 64]))).all() == [1]
        assert tx.scalars(keys.where(is_one_of(tx, Story.title_key, ["k" * 65]))).all() == []


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
def test_on_postgresql_the_statement_is_the_same_for_any_number_of_values(
    db: Database, ids: list[int]
) -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    with db.read() as tx, db.engine.connect() as connection:
        for count in (1, 3, 400):
            query = select(Story.id).where(is_one_of(tx, Story.id, range(count)))
            tx.scalars(query).all()
        connection.execute(select(Story.id).where(is_one_of(connection, Story.id, ids)))
    written = {line for line in statements if line.startswith("SELECT")}
    assert len(written) == 1

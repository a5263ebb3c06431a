"""Builders and readers of articles that several tests of this folder share."""

from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from digest.articles.models import Article, Story
from digest.database import Database
from digest.sources.pure.entries import Entry
from tests.conftest import NOON

KZ = "Kazakhstan opens a new bridge over the river"
GE = "Georgia plants a thousand walnut trees in spring"


class TakeIn(Protocol):
    """Takes in a document of a source, now: returns how many articles are new, and how many were updated."""

    def __call__(self, *entries: Entry, source: str = "The Steppe Post") -> tuple[int, int]: ...


def entry(title: str = KZ, *, guid: str = "1", link: str = "https://a.example/1", **fields: object) -> Entry:
    return Entry(id=guid, title=title, link=link, **fields)  # type: ignore[arg-type]


def numbered_entry(number: int, **fields: object) -> Entry:
    title, link = f"Headline number {number} of the day", f"https://a.example/{number}"
    return entry(title, guid=f"g{number}", link=link, **fields)


def hours_ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


def all_articles(db: Database) -> list[Article]:
    with db.read() as tx:
        query = select(Article).options(
            selectinload(Article.tags), selectinload(Article.groups), selectinload(Article.story)
        )
        return list(tx.scalars(query.order_by(Article.id)))


def all_stories(db: Database) -> list[Story]:
    with db.read() as tx:
        return list(tx.scalars(select(Story).order_by(Story.id)))

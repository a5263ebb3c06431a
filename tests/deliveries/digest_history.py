"""Helpers for tests of what subscribers were shown."""

from sqlalchemy import select

from digest.articles.models import Article
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import plan_due
from digest.editions.models import Digest
from digest.regions.tree.region_tree import RegionTree
from digest.subscribers.models import Subscriber
from tests.conftest import StoppedClock
from tests.deliveries.test_edition_planner import new_planner


def shown(db: Database, subscriber: Subscriber) -> list[int]:
    """Story ids of the subscriber's deliveries that were not cancelled, in order."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        rows = tx.scalars(query.where(Delivery.subscriber_id == subscriber.id, Delivery.state != "cancelled"))
        return [story for digest in rows for _, ids in digest.sections for story, _ in ids]


def shown_by_digest(db: Database, subscriber: Subscriber) -> list[list[int]]:
    """Story ids of each digest that was planned for the subscriber."""
    with db.read() as tx:
        query = select(Digest).join(Delivery, Delivery.digest_id == Digest.id).order_by(Delivery.id)
        rows = tx.scalars(query.where(Delivery.subscriber_id == subscriber.id))
        return [[story for _, ids in row.sections for story, _ in ids] for row in rows]


def a_day_later(db: Database, tree: RegionTree, clock: StoppedClock) -> None:
    for _ in range(6):
        clock.advance(hours=4)
        plan_due(db, new_planner(tree), clock())


def article_of(db: Database, title: str) -> int:
    with db.read() as tx:
        return tx.scalars(select(Article.id).where(Article.title == title)).one()

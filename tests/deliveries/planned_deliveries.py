"""Fixtures and helpers for tests of senders: planned deliveries."""

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.subscribers.models import Subscriber
from tests.builders import World

ANN = "ann@example.com"
BOB = "bob@example.com"


@pytest.fixture
def ann(db: Database, world: World, planner: Planner) -> Subscriber:
    """Ann, with a digest of one story planned."""
    subscriber = world.subscriber(ANN)
    world.article("Bridge over the river reopened today")
    plan_due(db, planner, world.clock())
    return subscriber


@pytest.fixture
def six(db: Database, world: World, planner: Planner) -> int:
    """Six deliveries that are due."""
    world.many_subscribers(6)
    world.article()
    return plan_due(db, planner, world.clock()).deliveries


@pytest.fixture
def sixty(db: Database, world: World, planner: Planner) -> int:
    """Sixty deliveries that are due."""
    world.many_subscribers(60)
    world.article()
    return plan_due(db, planner, world.clock()).deliveries


def deliveries(db: Database) -> list[Delivery]:
    with db.read() as tx:
        return list(tx.scalars(select(Delivery).order_by(Delivery.id)))

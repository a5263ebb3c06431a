"""Fixtures and helpers for tests of senders: planned deliveries."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import StoppedClock

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


def send_when_a_slot_is_free(db: Database, context: SendingContext, clock: StoppedClock) -> float:
    """Try to send each second, as a task does, until a slot is free; returns how many seconds that took."""
    started_at = clock()
    while send_due(db, context).no_slot is not None:
        clock.advance(seconds=1)
        assert clock() - started_at < timedelta(minutes=2), "no slot became free"
    return (clock() - started_at).total_seconds()


def claimed_ranges(db: Database) -> int:
    """How many ranges a sender has claimed."""
    with db.read() as tx:
        return tx.scalar(select(func.count()).where(DeliveryRange.holder != "")) or 0

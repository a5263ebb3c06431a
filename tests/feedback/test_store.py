"""Feedback on both databases: recorded once, counted, and listed."""

from dataclasses import replace

import pytest

from digest.database import Database
from digest.feedback import suppression_csv
from digest.feedback.states import FeedbackKind
from digest.feedback.store import counts
from digest.feedback.store import feedback as store
from digest.parts import Parts
from digest.subscribers.store import suppressions
from tests.builders import World
from tests.conftest import StoppedClock
from tests.feedback.conftest import FeedbackScenario, bounce, complaint


@pytest.fixture
def world(db: Database, parts: Parts, clock: StoppedClock) -> World:
    return World(db, parts.tree, clock)


@pytest.fixture
def scenario(db: Database, parts: Parts, world: World, clock: StoppedClock) -> FeedbackScenario:
    return FeedbackScenario(replace(parts, db=db), world, clock, parts.feedback_policy())


def test_feedback_is_recorded_once_and_counted(scenario: FeedbackScenario, world: World) -> None:
    bounced, full, complaining = (
        world.subscriber("a@far.example"),
        world.subscriber("b@far.example"),
        world.subscriber("c@near.example"),
    )
    paths = {
        subscriber.id: scenario.return_path(scenario.delivery(subscriber))
        for subscriber in (bounced, full, complaining)
    }
    for _ in range(2):
        scenario.receive(bounce(paths[bounced.id], bounced.email, tag="dead"))
        scenario.receive(
            bounce(paths[full.id], full.email, status="5.2.2", diagnostic="552 full", tag="full")
        )
        scenario.receive(complaint("x@example.org", f"Return-Path: <{paths[complaining.id]}>"))
    with scenario.db.read() as tx:
        assert counts.count_by_domain(tx, scenario.clock()) == {
            "far.example": {"hard": 1, "soft": 1},
            "near.example": {"complaint": 1},
        }
        reasons = counts.count_by_reason(tx, scenario.clock())
        assert sorted(reasons) == [
            ("bounce", "hard", "nouser", 1),
            ("bounce", "soft", "mailboxfull", 1),
            ("complaint", "", "abuse", 1),
        ]
        rows, total = store.newest(tx, store.FeedbackSelection(FeedbackKind.BOUNCE, domain="far.example"))
        assert (total, [subscriber.email for _, subscriber in rows]) == (
            2,
            ["b@far.example", "a@far.example"],
        )
        assert suppressions.count_by_reason(tx) == {"bounced": 1, "complained": 1}
        listed, total = suppressions.search(tx, "")
        assert total == 2
        assert {subscriber.email for _, subscriber in listed if subscriber} == {
            "a@far.example",
            "c@near.example",
        }
    assert len(list(suppression_csv.export_csv(scenario.db))) == 3


def test_soft_bounces_add_up(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    for number in range(5):
        path = scenario.return_path(scenario.delivery(subscriber))
        scenario.receive(
            bounce(path, subscriber.email, status="4.2.2", diagnostic="452 full", tag=str(number))
        )
        scenario.advance(days=2)
    assert scenario.reload(subscriber).state == "suppressed"


def test_a_delivery_that_is_removed_leaves_its_feedback(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    delivery = scenario.delivery(subscriber)
    scenario.receive(
        bounce(scenario.return_path(delivery), subscriber.email, status="5.2.2", diagnostic="552 full")
    )
    with scenario.db.begin() as tx:
        row = store.delivery_by_id(tx, delivery.id)
        assert row
        tx.delete(row)
    assert [row.delivery_id for row in scenario.feedback_rows(subscriber)] == [None]

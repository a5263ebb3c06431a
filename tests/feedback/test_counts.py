"""Feedback by edition, on both databases: what came back, and who left after which mail."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.states import DeliveryState
from digest.feedback.states import FeedbackChannel, FeedbackKind
from digest.feedback.store import feedback
from digest.feedback.store.counts import FeedbackCounts, count_by_edition
from digest.feedback.store.feedback import FeedbackRow
from digest.feedback.unsubscribing import unsubscribe
from digest.parts import Parts
from tests.builders import World
from tests.conftest import StoppedClock
from tests.feedback.conftest import FeedbackScenario, bounce, complaint

NOTHING = FeedbackCounts(0, 0, 0)


@pytest.fixture
def world(db: Database, parts: Parts, clock: StoppedClock) -> World:
    return World(db, parts.tree, clock)


@pytest.fixture
def scenario(db: Database, parts: Parts, world: World, clock: StoppedClock) -> FeedbackScenario:
    return FeedbackScenario(replace(parts, db=db), world, clock, parts.feedback_policy())


def counts(scenario: FeedbackScenario, *edition_ids: int) -> list[FeedbackCounts]:
    with scenario.db.read() as tx:
        found = count_by_edition(tx, edition_ids)
    return [found[edition_id] for edition_id in edition_ids]


def test_each_subscriber_counts_once_for_the_edition_of_the_mail(
    scenario: FeedbackScenario, world: World
) -> None:
    anna, ben, cleo = (world.subscriber() for _ in range(3))
    first = scenario.delivery(anna)
    edition = first.edition_id
    to_ben = scenario.delivery(ben, edition=edition)
    other = scenario.delivery(cleo)
    for tag in ("monday", "tuesday"):  # two reports about one mail
        scenario.receive(bounce(scenario.return_path(first), anna.email, tag=tag))
    scenario.receive(complaint("x@example.org", f"Return-Path: <{scenario.return_path(to_ben)}>"))
    assert counts(scenario, edition, other.edition_id) == [FeedbackCounts(1, 1, 0), NOTHING]


def test_counts_stay_when_deliveries_are_archived(scenario: FeedbackScenario, world: World) -> None:
    anna = world.subscriber()
    delivery = scenario.delivery(anna)
    scenario.receive(bounce(scenario.return_path(delivery), anna.email))
    with scenario.db.begin() as tx:
        tx.execute(delete(Delivery).where(Delivery.id == delivery.id))
    assert counts(scenario, delivery.edition_id) == [FeedbackCounts(1, 0, 0)]


def test_what_the_mail_server_refused_at_once_did_not_come_back(
    scenario: FeedbackScenario, world: World
) -> None:
    delivery = scenario.delivery(anna := world.subscriber(), state=DeliveryState.REFUSED)
    refused = FeedbackRow(
        FeedbackKind.BOUNCE, FeedbackChannel.RELAY, anna.id,
        delivery_id=delivery.id, edition_id=delivery.edition_id, severity="", fingerprint="refused",
    )  # fmt: skip
    with scenario.db.begin() as tx:
        assert feedback.record_once(tx, refused, scenario.clock())
    assert counts(scenario, delivery.edition_id) == [NOTHING]


def test_who_unsubscribes_leaves_the_last_mail_that_was_accepted(
    scenario: FeedbackScenario, world: World
) -> None:
    anna, ben = world.subscriber(), world.subscriber()
    older = scenario.delivery(anna)
    newest = scenario.delivery(anna)
    planned = scenario.delivery(anna, state=DeliveryState.PLANNED)
    for reader in (anna, ben):  # ben had no mail yet
        assert unsubscribe(
            scenario.db, reader.public_id, origin="one-click", now=scenario.clock() + timedelta(hours=1)
        )
    ids = (older.edition_id, newest.edition_id, planned.edition_id)
    assert counts(scenario, *ids) == [NOTHING, FeedbackCounts(0, 0, 1), NOTHING]

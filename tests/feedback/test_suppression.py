"""Suppressed addresses: what they can't do, and how an editor lifts a suppression."""

from digest.feedback import suppression
from digest.subscribers import letter_planning, lifecycle
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.pure.email_address import address_hash, parse_address
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions
from tests.builders import World
from tests.feedback.conftest import FeedbackScenario, bounce, complaint


def test_a_suppressed_address_can_not_subscribe_until_it_is_lifted(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    secret = scenario.parts.settings.secret_key
    scenario.receive(bounce(scenario.return_path(scenario.delivery(subscriber)), subscriber.email))
    address = parse_address("anna@far.example")
    request = SubscriptionRequest(address, store.subscription_of(subscriber), "192.0.2.1", "yes")
    with scenario.db.begin() as tx:
        assert letter_planning.subscribe(tx, request, secret=secret, now=scenario.clock()) is None
    assert (
        suppression.lift(scenario.db, address, secret=secret, mistaken=False, now=scenario.clock())
        == "unsubscribed"
    )
    scenario.advance(minutes=1)
    with scenario.db.begin() as tx:
        assert letter_planning.subscribe(tx, request, secret=secret, now=scenario.clock()) is not None


def test_a_mistaken_bounce_is_lifted_and_its_history_no_longer_counts(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    for number in range(6):
        scenario.receive_soft_bounce(subscriber, number)
        scenario.advance(days=2)
    assert scenario.reload(subscriber).state == "suppressed"
    address, secret = parse_address(subscriber.email), scenario.parts.settings.secret_key
    assert (
        suppression.lift(scenario.db, address, secret=secret, mistaken=True, now=scenario.clock()) == "active"
    )
    scenario.receive_soft_bounce(subscriber, 50)
    assert scenario.reload(subscriber).state == "active"


def test_an_editor_can_not_take_back_a_complaint(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    raw = complaint("a@example.org", f"Return-Path: <{scenario.return_path(scenario.delivery(subscriber))}>")
    scenario.receive(raw)
    address, secret = parse_address(subscriber.email), scenario.parts.settings.secret_key
    assert (
        suppression.lift(scenario.db, address, secret=secret, mistaken=True, now=scenario.clock())
        == "unsubscribed"
    )
    scenario.receive(raw)  # the same report comes again
    assert scenario.reload(subscriber).state == "unsubscribed"


def test_a_complaint_after_a_bounce_is_what_counts(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    path = scenario.return_path(scenario.delivery(subscriber))
    scenario.receive(bounce(path, subscriber.email))
    scenario.receive(complaint("a@example.org", f"Return-Path: <{path}>"))
    address, secret = parse_address(subscriber.email), scenario.parts.settings.secret_key
    assert (
        suppression.lift(scenario.db, address, secret=secret, mistaken=True, now=scenario.clock())
        == "unsubscribed"
    )


def test_erasing_a_suppressed_subscriber_leaves_only_the_hash(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    diagnostic = "550 5.1.1 <anna@far.example>: unknown user"
    scenario.receive(
        bounce(scenario.return_path(scenario.delivery(subscriber)), subscriber.email, diagnostic=diagnostic)
    )
    secret = scenario.parts.settings.secret_key
    lifecycle.erase(scenario.db, subscriber.public_id, secret=secret, now=scenario.clock())
    with scenario.db.read() as tx:
        suppression_row = suppressions.find_by_hash(tx, address_hash(secret, "anna@far.example"))
    assert suppression_row
    assert (suppression_row.subscriber_id, suppression_row.detail) == (None, "550 5.1.1 <…>: unknown user")

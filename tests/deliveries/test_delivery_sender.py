"""Sending: each answer of the mail server is recorded for what it is, and nothing goes out twice."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import select, update

from digest import clock as real
from digest.articles.models import Story
from digest.articles.store import articles
from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending import delivery_sender
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.states import DeliveryState
from digest.editions.models import Digest
from digest.editions.pure.sections import Section
from digest.errors import ConflictError
from digest.feedback.unsubscribing import unsubscribe
from digest.mail.pure.outcomes import Deferred, InDoubt, Refused
from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import NOON, StoppedClock
from tests.fake_relay import FakeRelay
from tests.smtp_sink import MailSink, mail_sink

ANN, BOB = "ann@example.com", "bob@example.com"


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


def hide_all(db: Database, hidden: bool) -> None:
    with db.begin() as tx:
        for key in tx.scalars(select(Story.id)).all():
            articles.set_hidden(tx, key, hidden=hidden, now=NOON)


def test_an_accepted_delivery_is_done(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay
) -> None:
    assert send_due(db, sending_context) == 1
    assert send_due(db, sending_context) == 0
    (done,) = deliveries(db)
    assert (done.state, done.answer, done.attempts) == ("accepted", "250 taken", 1)
    assert done.finished_at is not None
    assert b"Bridge over the river" in relay.messages_to(ANN)[0]


def test_a_refused_delivery_is_not_tried_again(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Refused("550 no such user")]
    send_due(db, sending_context)
    clock.advance(days=1)
    assert send_due(db, sending_context) == 0
    assert deliveries(db)[0].state == "refused"
    assert len(relay.relayed) == 1


def test_a_deferred_delivery_waits_and_is_then_accepted(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Deferred("451 later")]
    send_due(db, sending_context)
    assert send_due(db, sending_context) == 0
    clock.advance(minutes=8)
    send_due(db, sending_context)
    (done,) = deliveries(db)
    assert (done.state, done.attempts) == ("accepted", 2)


def test_one_deferred_all_day_expires(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Deferred("451 later")] * 99
    for _ in range(30):
        send_due(db, sending_context)
        clock.advance(hours=1)
    assert deliveries(db)[0].state == "expired"
    assert len(relay.relayed) < 15


def test_in_doubt_is_sent_once_more_as_the_same_message_and_never_again(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [InDoubt("hung up"), InDoubt("hung up")]
    for _ in range(5):
        send_due(db, sending_context)
        clock.advance(hours=1)
    (done,) = deliveries(db)
    assert (done.state, done.in_doubt) == ("in_doubt", True)
    first, second = relay.messages_to(ANN)
    assert message_from_bytes(first)["Message-ID"] == message_from_bytes(second)["Message-ID"]


def test_while_the_relay_is_down_everything_waits_and_no_attempt_is_counted(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.down = True
    for _ in range(40):
        send_due(db, sending_context)
        clock.advance(hours=1)
    (waiting,) = deliveries(db)
    assert (waiting.state, waiting.attempts) == ("planned", 0)
    assert "nowhere:25" in waiting.answer
    relay.down = False
    send_due(db, sending_context)
    assert deliveries(db)[0].state == "accepted"


def test_who_left_since_it_was_planned_gets_nothing(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay
) -> None:
    assert unsubscribe(db, ann.public_id, origin="one-click", now=sending_context.clock())
    send_due(db, sending_context)
    assert deliveries(db)[0].state == "skipped"
    assert relay.relayed == []


def test_who_was_erased_since_it_was_planned_leaves_no_delivery(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay
) -> None:
    lifecycle.erase(db, ann.public_id, secret="secret", now=sending_context.clock())
    assert send_due(db, sending_context) == 0
    assert deliveries(db) == []
    assert relay.relayed == []


def test_a_digest_whose_stories_were_all_hidden_since_is_not_sent(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay
) -> None:
    hide_all(db, hidden=True)
    send_due(db, sending_context)
    assert deliveries(db)[0].state == "skipped"
    assert relay.relayed == []


def test_a_story_hidden_between_two_chunks_is_in_the_first_alone(
    db: Database, world: World, planner: Planner, sending_context: SendingContext, relay: FakeRelay
) -> None:
    world.many_subscribers(delivery_sender.DELIVERIES_PER_CLAIM + 1)
    world.article("The one to be hidden in a moment")
    world.article("The one that everybody gets")
    plan_due(db, planner, world.clock())

    def hide_the_first(_recipient: str) -> None:
        if len(relay.relayed) == 1:
            with db.begin() as tx:
                key = tx.scalars(select(Story.id).order_by(Story.id)).first()
                articles.set_hidden(tx, key or 0, hidden=True, now=NOON)

    relay.before_each = hide_the_first
    send_due(db, sending_context)
    assert b"to be hidden" in relay.relayed[0].message
    assert b"to be hidden" not in relay.relayed[-1].message
    assert b"everybody gets" in relay.relayed[-1].message


def test_the_lease_of_the_last_mail_is_renewed_until_its_answer_comes(
    db: Database, ann: Subscriber, sending_context: SendingContext, threads: ThreadPoolExecutor
) -> None:
    with mail_sink() as sink:
        sink.delay = 3.0
        relays = [SmtpRelay(parse_smtp_url(sink.url)) for _ in range(2)]
        first, second = (
            replace(
                sending_context,
                relay=smtp_relay,
                clock=real.now,
                monotonic=time.monotonic,
                lease=timedelta(seconds=1.6),
            )
            for smtp_relay in relays
        )
        sending = threads.submit(send_due, db, first)
        while not sending.done():
            time.sleep(0.2)
            send_due(db, second)
        for smtp_relay in relays:
            smtp_relay.close()
        assert len(sink.received) == 1
    assert [(d.state, d.attempts) for d in deliveries(db)] == [("accepted", 1)]


def test_over_a_slow_relay_leases_are_renewed_so_that_nobody_takes_them_over(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    other = replace(sending_context, relay=FakeRelay())

    def slow(_recipient: str) -> None:
        clock.advance(seconds=40)
        if len(relay.relayed) == 3:
            assert send_due(db, other) == 0

    relay.before_each = slow
    send_due(db, sending_context)
    assert [d.state for d in deliveries(db)] == ["accepted"] * 6
    assert len({relayed.recipient for relayed in relay.relayed}) == len(relay.relayed) == 6


def test_a_crash_forgets_nothing_that_was_answered(
    db: Database, sixty: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    class Killed(BaseException):
        """Stands for kill -9: nothing is released."""

    def crash(_recipient: str) -> None:
        if len(relay.relayed) == 55:
            raise Killed

    relay.before_each = crash
    sender = delivery_sender.DeliverySender(db, sending_context, lambda: True)
    with pytest.raises(Killed):
        relay.send_all(sender.mails(), sender.record_outcomes)
    relay.before_each = lambda _recipient: None
    assert sum(d.state == "accepted" for d in deliveries(db)) == 55
    assert send_due(db, sending_context) == 0
    clock.advance(minutes=2)
    send_due(db, sending_context)
    assert [d.state for d in deliveries(db)] == ["accepted"] * 60
    assert len(relay.relayed) == 60


def test_a_clock_set_forward_takes_nobodys_claims_away(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    ticks = [0.0]
    other = replace(sending_context, relay=FakeRelay(), monotonic=lambda: ticks[0])
    send_due(db, other, should_continue=lambda: False)

    def leap(_recipient: str) -> None:
        if len(relay.relayed) == 2:
            other.clock_steps.trusts_clock(clock(), ticks[0], other.lease)
            clock.advance(hours=1)
            assert send_due(db, other) == 0

    relay.before_each = leap
    send_due(db, sending_context)
    assert len({relayed.recipient for relayed in relay.relayed}) == len(relay.relayed) == 6


def test_what_somebody_else_has_taken_over_is_not_sent(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    other = replace(sending_context, relay=FakeRelay())

    def stall(_recipient: str) -> None:
        if not relay.relayed:  # this one is on its way already when we are held up
            clock.advance(minutes=5)
            assert send_due(db, other) == 6

    relay.before_each = stall
    send_due(db, sending_context)
    assert len(relay.relayed) == 1
    assert len(other.relay.relayed) == 6  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "step", [manual_editions.pause, lambda db, key: manual_editions.cancel(db, key, NOON)]
)
def test_an_edition_that_is_held_goes_no_further_and_the_rest_is_given_back(
    db: Database,
    six: int,
    sending_context: SendingContext,
    clock: StoppedClock,
    step: Callable[[Database, int], object],
) -> None:
    relay = sending_context.relay
    assert isinstance(relay, FakeRelay)

    def hold(_recipient: str) -> None:
        clock.advance(seconds=2)
        if len(relay.relayed) == 2:
            step(db, deliveries(db)[0].edition_id)

    relay.before_each = hold
    send_due(db, sending_context)
    states = [d.state for d in deliveries(db)]
    assert states.count(DeliveryState.ACCEPTED) == len(relay.relayed) == 3
    assert not states.count(DeliveryState.CLAIMED)
    assert {d.attempts for d in deliveries(db) if d.state != "accepted"} == {0}


@pytest.mark.parametrize("stop", ["paused", "stopped"])
def test_what_waits_in_the_relay_for_its_domains_turn_is_given_back_too(
    db: Database, sixty: int, sending_context: SendingContext, mail_server: MailSink, stop: str
) -> None:
    relay = SmtpRelay(parse_smtp_url(mail_server.url), rates=DomainRates({"example.com": 2}))
    own_context = replace(sending_context, relay=relay, clock=real.now, monotonic=time.monotonic)

    def go_on() -> bool:
        if len(mail_server.received) < 2:
            return True
        with suppress(ConflictError):  # the function is called again after the pause
            if stop == "paused":
                manual_editions.pause(db, deliveries(db)[0].edition_id)
        return stop == "paused"

    started = time.monotonic()
    send_due(db, own_context, should_continue=go_on)
    relay.close()
    assert time.monotonic() - started < 10
    states = Counter(d.state for d in deliveries(db))
    assert states == {"accepted": len(mail_server.received), "planned": sixty - len(mail_server.received)}
    assert len(mail_server.received) < 10
    assert {d.attempts for d in deliveries(db) if d.state == "planned"} == {0}


def test_who_leaves_while_the_edition_goes_out_gets_nothing_more(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    def leave(_recipient: str) -> None:
        clock.advance(seconds=2)
        if len(relay.relayed) == 1:
            with db.begin() as tx:
                tx.execute(update(Subscriber).values(state="suppressed"))

    relay.before_each = leave
    send_due(db, sending_context)
    assert [d.state for d in deliveries(db)].count(DeliveryState.SKIPPED) == 4
    assert len(relay.relayed) == 2


def test_a_sender_that_is_told_to_stop_gives_the_rest_back_at_once(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay
) -> None:
    send_due(db, sending_context, should_continue=lambda: len(relay.relayed) < 2)
    assert sorted(d.state for d in deliveries(db)) == ["accepted"] * 2 + ["planned"] * 4
    send_due(db, sending_context)
    assert len({relayed.recipient for relayed in relay.relayed}) == len(relay.relayed) == 6


def test_letters_go_before_deliveries(
    six: int, world: World, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    db = world.db

    def join(_recipient: str) -> None:
        clock.advance(seconds=2)
        if len(relay.relayed) == 1:
            world.confirmation_letter(world.subscriber(BOB))

    relay.before_each = join
    send_due(db, sending_context)
    assert [relayed.recipient for relayed in relay.relayed].index(BOB) == 2


def test_one_that_cannot_be_made_stops_no_other(
    db: Database, world: World, planner: Planner, sending_context: SendingContext, relay: FakeRelay
) -> None:
    world.subscriber(ANN, regions=["central-asia"])
    world.subscriber(BOB, regions=["world"])
    world.article()
    plan_due(db, planner, world.clock())
    with db.begin() as tx:
        first = tx.scalars(select(Digest.id).order_by(Digest.id)).first()
        tx.execute(
            update(Digest).where(Digest.id == first).values(sections=(Section("no region", ((1, 1),)),))
        )
    send_due(db, sending_context)
    assert {d.state for d in deliveries(db)} == {"planned", "accepted"}
    assert len(relay.relayed) == 1


def test_over_a_real_connection_every_answer_is_recorded(
    db: Database, world: World, planner: Planner, sending_context: SendingContext, mail_server: MailSink
) -> None:
    names = ("ann", "defer", "refuse", "silent", "drop", "bye", "zoe")
    for name in names:
        world.subscriber(f"{name}@example.com")
    world.article("...leading dots")
    plan_due(db, planner, world.clock())
    sending_context.relay = SmtpRelay(parse_smtp_url(mail_server.url))
    send_due(db, sending_context)
    sending_context.relay.close()
    with db.read() as tx:
        rows = tx.execute(select(Subscriber.email, Delivery.state, Delivery.in_doubt).join(
            Delivery, Delivery.subscriber_id == Subscriber.id))  # fmt: skip
        results = {row[0].partition("@")[0]: (row[1], row[2]) for row in rows}
    assert results == {
        "ann": ("accepted", False),
        "defer": ("planned", False),
        "refuse": ("refused", False),
        "silent": ("planned", True),
        "drop": ("planned", False),
        "bye": ("planned", False),
        "zoe": ("accepted", False),
    }
    assert all(mail.sender.endswith("@bounces.example.org") for mail in mail_server.received)

"""A sender keeps its claims, loses them, or releases them; nothing is sent twice."""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from digest import clock as real
from digest.database import Database
from digest.deliveries.planning import manual_editions
from digest.deliveries.sending import delivery_sender
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.states import DeliveryState
from digest.errors import ConflictError
from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers.models import Subscriber
from tests.conftest import NOON, StoppedClock
from tests.deliveries.planned_deliveries import deliveries
from tests.fake_relay import FakeRelay
from tests.smtp_sink import MailSink, mail_sink


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

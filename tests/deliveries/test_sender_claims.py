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
from digest.deliveries.pure import leases
from digest.deliveries.pure.leases import SlotObserver
from digest.deliveries.sending import delivery_sender, sender_slot
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sender_run import SendingResult
from digest.deliveries.sending.sender_slot import HeldSlot
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.states import DeliveryState
from digest.errors import ConflictError
from digest.mail.pure.pacing import DomainRates
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers.models import Subscriber
from tests.conftest import NOON, StoppedClock
from tests.deliveries.planned_deliveries import claimed_ranges, deliveries, send_when_a_slot_is_free
from tests.fake_relay import FakeRelay
from tests.smtp_sink import MailSink, mail_sink


def test_the_slot_is_renewed_until_the_answer_to_the_last_mail_comes(
    db: Database,
    ann: Subscriber,
    sending_context: SendingContext,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "LEASE", 1.6)
    monkeypatch.setattr(sender_slot, "RENEWAL_INTERVAL", 0.4)
    with mail_sink() as sink:
        sink.delay = 3.0
        relays = [SmtpRelay(parse_smtp_url(sink.url)) for _ in range(2)]
        first, second = (
            replace(
                sending_context,
                relay=smtp_relay,
                clock=real.now,
                monotonic=time.monotonic,
                sender_count=2,
                slot_observer=SlotObserver(),
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
    other = replace(sending_context, relay=FakeRelay(), slot_observer=SlotObserver())

    def slow(_recipient: str) -> None:
        clock.advance(seconds=40)
        if len(relay.relayed) == 3:
            assert send_due(db, other).claimed == 0

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
    slot = sender_slot.take_slot(db, SlotObserver(), range(1, 2), sending_context.monotonic)
    assert isinstance(slot, HeldSlot)
    sender = delivery_sender.DeliverySender(db, sending_context, slot, lambda: True)
    with pytest.raises(Killed):
        relay.send_all(sender.mails(), sender.record_outcomes)
    relay.before_each = lambda _recipient: None
    assert sum(d.state == "accepted" for d in deliveries(db)) == 55
    assert send_when_a_slot_is_free(db, sending_context, clock) == leases.LEASE
    assert [d.state for d in deliveries(db)] == ["accepted"] * 60
    assert len(relay.relayed) == 60


@pytest.mark.usefixtures("six")
@pytest.mark.parametrize("hours", [2, -2])
def test_a_sender_whose_wall_clock_is_wrong_takes_nobodys_claims_away(
    db: Database, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock, hours: int
) -> None:
    other = replace(
        sending_context,
        relay=FakeRelay(),
        clock=lambda: clock() + timedelta(hours=hours),
        monotonic=lambda: clock().timestamp() + 1e6,
        slot_observer=SlotObserver(),
        sender_count=2,
    )

    def look(_recipient: str) -> None:
        for _ in range(int(leases.RENEWAL_INTERVAL)):
            clock.advance(seconds=1)
            assert send_due(db, other) == SendingResult(claimed=0)

    relay.before_each = look
    send_due(db, replace(sending_context, sender_count=2))
    assert len({relayed.recipient for relayed in relay.relayed}) == len(relay.relayed) == 6


def test_a_clock_set_forward_takes_nobodys_claims_away(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    other = replace(
        sending_context,
        relay=FakeRelay(),
        monotonic=lambda: 0.0,
        slot_observer=SlotObserver(),
        sender_count=2,
    )

    def leap(_recipient: str) -> None:
        clock.advance(hours=1)
        assert send_due(db, other).claimed == 0

    relay.before_each = leap
    send_due(db, sending_context)
    assert len({relayed.recipient for relayed in relay.relayed}) == len(relay.relayed) == 6


def test_what_somebody_else_has_taken_over_is_not_sent(
    db: Database, six: int, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    other = replace(sending_context, relay=FakeRelay(), slot_observer=SlotObserver())

    def stall(_recipient: str) -> None:
        if not relay.relayed:  # this one is on its way already when we are held up
            send_when_a_slot_is_free(db, other, clock)
            assert len(other.relay.relayed) == 6  # type: ignore[attr-defined]

    relay.before_each = stall
    send_due(db, sending_context)
    assert len(relay.relayed) == 1
    assert [d.state for d in deliveries(db)] == ["accepted"] * 6


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
    assert claimed_ranges(db) == 0
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

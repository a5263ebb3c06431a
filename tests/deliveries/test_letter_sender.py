"""The sender of letters stops: it finishes the letters that are being sent, and releases the others."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from digest.database import Database
from digest.deliveries.pure import leases
from digest.deliveries.pure.leases import SlotObserver
from digest.deliveries.sending import sender_slot
from digest.deliveries.sending.letter_sender import send_letters
from digest.deliveries.sending.sending_context import SendingContext
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers.models import Letter
from tests.builders import World
from tests.fake_relay import FakeRelay
from tests.smtp_sink import Behaviour, mail_sink


def letters(db: Database) -> Counter[tuple[str, int]]:
    """How many letters there are by state and attempts."""
    with db.read() as tx:
        return Counter((letter.state, letter.attempts) for letter in tx.scalars(select(Letter)))


def test_a_sender_that_is_told_to_stop_releases_the_letters_that_it_has_not_begun(
    db: Database, world: World, sending_context: SendingContext, relay: FakeRelay
) -> None:
    for _ in range(5):
        world.confirmation_letter(world.subscriber())
    send_letters(db, sending_context, should_continue=lambda: len(relay.relayed) < 2)
    assert letters(db) == {("accepted", 1): 2, ("planned", 0): 3}
    send_letters(db, sending_context)
    assert letters(db) == {("accepted", 1): 5}
    assert len({relayed.recipient for relayed in relay.relayed}) == len(relay.relayed) == 5


def test_after_it_was_told_to_stop_the_slot_is_kept_until_the_last_answer_comes(
    world: World,
    sending_context: SendingContext,
    threads: ThreadPoolExecutor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "LEASE", 1.6)
    monkeypatch.setattr(sender_slot, "RENEWAL_INTERVAL", 0.4)
    db, asked = world.db, list[str]()  # by the server: at RCPT, and at DATA

    def accept(recipient: str) -> Behaviour:
        asked.append(recipient)
        return "accept"

    for _ in range(3):
        world.confirmation_letter(world.subscriber())
    with mail_sink() as sink:
        sink.delay = 3.0
        sink.behaviour_for = accept
        server = parse_smtp_url(sink.url)[0].share_of_letters()
        own = replace(sending_context, relay=SmtpRelay([server]), monotonic=time.monotonic)
        other = replace(own, relay=FakeRelay(), slot_observer=SlotObserver())
        sending = threads.submit(send_letters, db, own, should_continue=lambda: len(asked) < 2)
        while len(asked) < 2:
            assert not sending.done()
            time.sleep(0.01)
        looks = 0
        while not sending.done():
            result = send_letters(db, other, should_continue=lambda: False)
            assert result.no_slot is not None or sink.received, "the slot was taken over"
            looks += 1
            time.sleep(0.2)
        own.relay.close()
        assert looks > 10
        assert len(sink.received) == letters(db)["accepted", 1] > 0
        assert letters(db)["planned", 0] == 3 - len(sink.received)

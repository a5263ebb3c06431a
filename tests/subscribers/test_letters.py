"""Letters on both databases: what they contain, and how they are claimed, sent and deferred."""

from email import message_from_bytes, policy

from digest.database import Database
from digest.deliveries.sending.letter_queue import LEASE
from digest.deliveries.sending.letter_sender import send_letters
from digest.deliveries.sending.sending_context import SendingContext
from digest.mail.pure.outcomes import Accepted, Deferred, InDoubt, Refused
from digest.subscribers.states import LetterState
from digest.subscribers.store import letters as letter_store
from tests.conftest import NOON, StoppedClock
from tests.fake_relay import FakeRelay
from tests.subscribers.subscriber_steps import get_subscriber, letters, subscribe


def test_a_letter_has_its_whole_link_in_both_parts(
    db: Database, sending_context: SendingContext, relay: FakeRelay
) -> None:
    for n in range(12):  # the tokens differ, and a hyphen in one must not break its line
        subscribe(db, email=f"reader{n}@example.com")
    assert send_letters(db, sending_context).claimed == 12
    for relayed in relay.relayed:
        message = message_from_bytes(relayed.message, policy=policy.default)
        letter_ids = {letter.subscriber_id: letter.public_id for letter in letters(db)}
        url = sending_context.links.url("confirm", letter_ids[get_subscriber(db, relayed.recipient).id], NOON)
        for kind in ("plain", "html"):
            part = message.get_body((kind,))
            assert part is not None
            assert url in part.get_content()
        assert message["To"] == relayed.recipient
        assert message["Auto-Submitted"] == "auto-generated"
    assert {letter.state for letter in letters(db)} == {"accepted"}


def test_a_letter_is_sent_once(
    db: Database, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    subscribe(db)
    send_letters(db, sending_context)
    clock.advance(hours=1)
    assert send_letters(db, sending_context).claimed == 0
    assert len(relay.relayed) == 1


def test_no_more_letters_are_claimed_than_the_limit(db: Database) -> None:
    for n in range(9):
        subscribe(db, email=f"reader{n}@example.com")
    with db.begin() as tx:
        assert len(letter_store.claim(tx, NOON, lease=LEASE, limit=4)) == 4
        assert len(letter_store.claim(tx, NOON, lease=LEASE, limit=4)) == 4
        assert len(letter_store.claim(tx, NOON, lease=LEASE, limit=4)) == 1


def test_while_the_relay_is_down_letters_wait_and_no_attempt_is_counted(
    db: Database, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    subscribe(db)
    subscribe(db, email="bob@example.com")
    relay.down = True
    for _ in range(30):
        send_letters(db, sending_context)
        clock.advance(hours=1)
    assert [(letter.state, letter.attempts) for letter in letters(db)] == [("planned", 0)] * 2
    relay.down = False
    send_letters(db, sending_context)
    assert [letter.state for letter in letters(db)] == ["accepted"] * 2


def test_letters_are_deferred_refused_and_in_doubt_like_deliveries(
    db: Database, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    for name in ("defer", "refuse", "doubt"):
        subscribe(db, email=f"{name}@example.com")
    relay.answers = {
        "defer@example.com": [Deferred("451")],
        "refuse@example.com": [Refused("550")],
        "doubt@example.com": [InDoubt("gone"), InDoubt("gone")],
    }
    for _ in range(4):
        send_letters(db, sending_context)
        clock.advance(hours=1)
    assert [letter.state for letter in letters(db)] == ["accepted", "refused", "in_doubt"]
    assert len(relay.messages_to("doubt@example.com")) == 2


def test_a_letter_in_doubt_after_it_was_deferred_is_sent_once_more(
    db: Database, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    subscribe(db, email="ann@example.com")
    relay.answers["ann@example.com"] = [Deferred("451 later"), InDoubt("gone"), Accepted("250 ok")]
    for _ in range(4):
        send_letters(db, sending_context)
        clock.advance(hours=1)
    assert [letter.state for letter in letters(db)] == ["accepted"]
    assert len(relay.relayed) == 3


def test_a_late_result_of_a_lost_claim_of_a_letter_changes_nothing(db: Database) -> None:
    subscribe(db)
    with db.begin() as tx:
        ((first, _),) = letter_store.claim(tx, NOON, lease=LEASE, limit=9)
    later = NOON + LEASE
    with db.begin() as tx:
        ((second, _),) = letter_store.claim(tx, later, lease=LEASE, limit=9)
        letter_store.record_result(
            tx, second, letter_store.LetterResult(LetterState.ACCEPTED, "250", later, second.attempts)
        )
    with db.begin() as tx:
        letter_store.record_result(
            tx, first, letter_store.LetterResult(LetterState.PLANNED, "451", later, first.attempts)
        )
    assert letters(db)[0].state == "accepted"

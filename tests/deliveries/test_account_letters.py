"""Mails to accounts: sent beside the letters to subscribers, and as sure as these."""

import re
from collections import Counter
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from digest.accounts import authentication, second_factors
from digest.accounts.audit import Actor
from digest.accounts.models import AccountLetter
from digest.accounts.pure.password_links import PasswordLinks
from digest.accounts.states import AccountLetterState
from digest.accounts.store import accounts
from digest.accounts.store import letters as store
from digest.database import Database
from digest.deliveries.sending.letter_sender import send_letters
from digest.deliveries.sending.sending_context import SendingContext
from digest.mail.pure.outcomes import Deferred, Refused
from tests.builders import World
from tests.conftest import NOON, StoppedClock
from tests.database_fixtures import SITE
from tests.fake_relay import FakeRelay

ADMIN = Actor("admin@example.org")
BOB = "bob@example.org"


def invite(db: Database, email: str = BOB) -> int:
    return authentication.invite(db, email, "editor", actor=ADMIN, now=NOON)


def states(db: Database) -> Counter[tuple[str, int]]:
    with db.read() as tx:
        return Counter((letter.state, letter.attempts) for letter in tx.scalars(select(AccountLetter)))


def test_an_invitation_goes_out_beside_letters_to_subscribers_with_a_link_that_works(
    db: Database, world: World, sending_context: SendingContext, relay: FakeRelay
) -> None:
    invite(db)
    world.confirmation_letter(world.subscriber("reader@example.com"))
    assert send_letters(db, sending_context).claimed == 2
    assert {mail.recipient for mail in relay.relayed} == {BOB, "reader@example.com"}
    (message,) = relay.messages_to(BOB)
    text = message.decode().replace("=\r\n", "")
    found = re.search(rf"{re.escape(SITE)}/admin/password/(\S+)", text)
    assert found
    links = PasswordLinks(sending_context.sender.secret, SITE)
    assert authentication.account_of_link(db, links, found[1], NOON).email == BOB
    assert states(db) == {("accepted", 1): 1}
    (sender,) = {mail.sender for mail in relay.relayed if mail.recipient == BOB}
    assert sender == "digest@example.org"  # a bounce suppresses no account


@pytest.mark.parametrize("db", ["sqlite"], indirect=True)  # hashing is slow, and the same on every database
def test_the_owner_gets_a_notice_when_a_password_is_changed_and_none_for_the_first_one(
    db: Database, sending_context: SendingContext, relay: FakeRelay
) -> None:
    links, passwords = (
        PasswordLinks(sending_context.sender.secret, SITE),
        ("a quiet sentence", "another sentence"),
    )
    account_id = invite(db)
    for new in passwords:
        with db.read() as tx:
            account = accounts.by_id(tx, account_id)
        token = links.url(authentication.linked(account), NOON).rpartition("/")[2]
        authentication.choose_password(db, links, token, new, site_name="", network="192.0.2.0", now=NOON)
    send_letters(db, sending_context)
    _invitation, *notices = sorted(relay.messages_to(BOB), key=lambda message: b"was changed" in message)
    (text,) = (message.decode().replace("=\r\n", "") for message in notices)
    assert "Subject: Your password was changed" in text
    assert "was changed on 10 March 2026, 12:00 UTC" in text
    assert f"{SITE}/admin/forgotten" in text
    assert f"{SITE}/admin/password/" not in text  # a notice gives nobody a way in


def test_the_owner_gets_a_notice_of_each_change_of_second_factors(
    db: Database, sending_context: SendingContext, relay: FakeRelay
) -> None:
    account_id, key, secret = invite(db), sending_context.sender.secret, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    code = pyotp.TOTP(secret).at(NOON)
    codes = second_factors.set_up_app(db, key, account_id, secret, code, actor=ADMIN, now=NOON)
    assert second_factors.use_code(db, key, account_id, codes[0], now=NOON) == second_factors.RECOVERY
    assert second_factors.use_code(db, key, account_id, codes[0], now=NOON) is None
    second_factors.remove_app(db, account_id, actor=ADMIN, now=NOON)
    send_letters(db, sending_context)
    subjects = [b"Subject: Your second factors were changed" in message for message in relay.messages_to(BOB)]
    assert Counter(subjects) == {False: 1, True: 3}
    # Notices do not use up the links that an account may ask for in a day.
    assert authentication.plan_reset(db, BOB, actor=ADMIN, now=NOON)


def test_a_deferred_one_is_tried_again_and_a_refused_one_is_not(
    db: Database, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    invite(db)
    invite(db, "eve@example.org")
    relay.answers = {BOB: [Deferred("451 later")], "eve@example.org": [Refused("550 no")]}
    send_letters(db, sending_context)
    assert states(db) == {("planned", 1): 1, ("refused", 1): 1}
    clock.advance(hours=2)
    send_letters(db, sending_context)
    assert states(db) == {("accepted", 2): 1, ("refused", 1): 1}
    assert len(relay.messages_to("eve@example.org")) == 1


def test_a_closed_account_gets_no_mail(
    db: Database, sending_context: SendingContext, relay: FakeRelay
) -> None:
    authentication.close_account(db, invite(db), actor=ADMIN, now=NOON)
    send_letters(db, sending_context)
    assert relay.relayed == []
    assert states(db) == {("expired", 1): 1}


def test_what_a_dead_sender_had_claimed_is_released(db: Database, sending_context: SendingContext) -> None:
    invite(db)
    with db.begin() as tx:
        assert len(store.claim(tx, NOON, lease=timedelta(minutes=5), limit=9)) == 1
        assert store.claim(tx, NOON, lease=timedelta(minutes=5), limit=9) == []
        store.release_claimed(tx)
    send_letters(db, sending_context)
    assert states(db) == {("accepted", 2): 1}


def test_an_answer_to_a_claim_that_another_sender_took_over_changes_nothing(db: Database) -> None:
    invite(db)
    with db.begin() as tx:
        (first,) = store.claim(tx, NOON, lease=timedelta(minutes=5), limit=9)
    with db.begin() as tx:
        later = NOON + timedelta(minutes=6)
        assert len(store.claim(tx, later, lease=timedelta(minutes=5), limit=9)) == 1
        first.letter.attempts = 1
        result = store.AccountLetterResult(AccountLetterState.REFUSED, "550", NOON, 1)
        store.record_result(tx, first.letter, result)
    assert states(db) == {("claimed", 2): 1}
    with db.read() as tx:
        assert accounts.find_by_email(tx, BOB) is not None

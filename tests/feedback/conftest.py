"""Readers with deliveries behind them, and bounces of those."""

from dataclasses import dataclass

import pytest
from flask import Flask

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.pure import return_paths
from digest.editions.store import editions
from digest.editions.store.editions import DigestRow
from digest.feedback import store as feedback
from digest.feedback.actions import Rules, Taken
from digest.feedback.identification import Trust
from digest.feedback.incoming_mail import take_mail
from digest.feedback.models import Feedback
from digest.parts import Parts
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.conftest import StoppedClock

BOUNCES = "bounces.example.org"


@dataclass
class Post:
    """Sends deliveries that come back."""

    parts: Parts
    world: World
    clock: StoppedClock
    rules: Rules

    @property
    def db(self) -> Database:
        return self.parts.db

    def delivery(self, reader: Subscriber, *, edition: int = 0, state: str = "accepted") -> Delivery:
        """A delivery to a reader, of an edition of its own unless one is named."""
        now = self.clock()
        with self.db.begin() as tx:
            if not edition:
                made = editions.by_hand(tx, "manual", {}, note="", now=now, cutoff=now)
                made.state, edition = "sending", made.id
            digest = DigestRow(reader.preferences_key, now, "Morning letter", (), "hash")
            editions.keep_digests(tx, edition, [digest])
            ids = editions.digest_ids(tx, edition, [(reader.preferences_key, now, "")])
            sent = Delivery(
                edition_id=edition,
                digest_id=ids[(reader.preferences_key, now, "")],
                subscriber_id=reader.id,
                state=state,
                planned_at=now,
                not_before=now,
                finished_at=now,
            )
            tx.add(sent)
        return sent

    def return_path(self, delivery: Delivery) -> str:
        local = return_paths.delivery_part(self.parts.settings.secret_key, delivery.id, delivery.planned_at)
        return f"{local}@{BOUNCES}"

    def take(self, raw: bytes, *, to: str = "", signed: bool = False) -> Taken:
        return take_mail(self.db, raw, self.rules, Trust("mailbox", to, signed), now=self.clock())

    def reader(self, reader: Subscriber) -> Subscriber:
        with self.db.read() as tx:
            return store.by_id(tx, reader.id)

    def rows(self, reader: Subscriber) -> list[Feedback]:
        with self.db.read() as tx:
            return list(feedback.of_subscriber(tx, reader.id))

    def forward(self, **units: float) -> None:
        self.clock.forward(**units)


@pytest.fixture
def post(app: Flask, parts: Parts, world: World, clock: StoppedClock) -> Post:
    return Post(parts, world, clock, parts.feedback())


def bounce(to: str, address: str, *, status: str = "5.1.1", said: str = "550 5.1.1 User unknown", tag: str = "1",
           returned: str = "") -> bytes:  # fmt: skip
    """A delivery status notification."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example.net
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-{tag}@mx.example.net>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: text/plain

Could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: failed
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: text/rfc822-headers

{returned}
--b--
""".encode()


def complaint(to: str, about: str, *, kind: str = "abuse", tag: str = "1") -> bytes:
    """An abuse report; `about` is the header of the mail it returns."""
    return f"""From: loop@far.example
To: {to}
Subject: FW: Morning letter
Message-ID: <complaint-{tag}@far.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary=f

--f
Content-Type: text/plain

An abuse report.

--f
Content-Type: message/feedback-report

Feedback-Type: {kind}
Version: 1

--f
Content-Type: message/rfc822

{about}

Good morning.

--f--
""".encode()

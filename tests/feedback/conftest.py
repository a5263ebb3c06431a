"""Deliveries to subscribers, and bounces and complaints about them."""

from dataclasses import dataclass

import pytest
from flask import Flask

from digest.database import Database
from digest.deliveries.models import Delivery
from digest.deliveries.pure import return_paths
from digest.deliveries.states import DeliveryState
from digest.editions.states import EditionKind, EditionState
from digest.editions.store import editions
from digest.editions.store.editions import DigestKey, DigestRow
from digest.feedback.actions import FeedbackOutcome, FeedbackPolicy
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.incoming_mail import process_mail
from digest.feedback.models import Feedback
from digest.feedback.store import feedback
from digest.parts import Parts
from digest.subscribers.models import Subscriber
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.cli.conftest import run  # noqa: F401
from tests.conftest import StoppedClock

BOUNCES = "bounces.example.org"
MAIL_FROM_A_PERSON = (
    b"From: Ann <ann@example.com>\nTo: bounces@bounces.example.org\nSubject: Hello\n\nIs anybody there?\n"
)


@dataclass
class FeedbackScenario:
    """Creates deliveries, and receives the feedback about them."""

    parts: Parts
    world: World
    clock: StoppedClock
    policy: FeedbackPolicy

    @property
    def db(self) -> Database:
        return self.parts.db

    def delivery(
        self, subscriber: Subscriber, *, edition: int = 0, state: DeliveryState = DeliveryState.ACCEPTED
    ) -> Delivery:
        """A delivery to a subscriber, of a new edition unless the id of one is given."""
        now = self.clock()
        with self.db.begin() as tx:
            if not edition:
                created = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=now, cutoff=now)
                created.state, edition = EditionState.SENDING, created.id
            digest = DigestRow(subscriber.preferences_key, now, "Morning letter", (), "hash")
            editions.save_digests(tx, edition, [digest])
            key = DigestKey(subscriber.preferences_key, now, "")
            ids = editions.digest_ids(tx, edition, [key])
            delivery = Delivery(
                edition_id=edition,
                digest_id=ids[key],
                subscriber_id=subscriber.id,
                state=state,
                planned_at=now,
                not_before=now,
                finished_at=now,
            )
            tx.add(delivery)
        return delivery

    def return_path(self, delivery: Delivery) -> str:
        local = return_paths.delivery_local_part(
            self.parts.settings.secret_key, delivery.id, delivery.planned_at
        )
        return f"{local}@{BOUNCES}"

    def receive(self, raw: bytes, *, to: str = "", signed: bool = False) -> FeedbackOutcome:
        return process_mail(
            self.db, raw, self.policy, FeedbackOrigin("mailbox", to, signed), now=self.clock()
        )

    def receive_soft_bounce(self, subscriber: Subscriber, number: int) -> None:
        """A soft bounce of a new delivery; each `number` is another mail."""
        path = self.return_path(self.delivery(subscriber))
        tag = str(number)
        self.receive(bounce(path, "x@far.example", status="4.2.2", diagnostic="452 4.2.2 full", tag=tag))

    def reload(self, subscriber: Subscriber) -> Subscriber:
        with self.db.read() as tx:
            return store.by_id(tx, subscriber.id)

    def feedback_rows(self, subscriber: Subscriber) -> list[Feedback]:
        with self.db.read() as tx:
            return list(feedback.of_subscriber(tx, subscriber.id))

    def advance(self, **units: float) -> None:
        self.clock.advance(**units)


@pytest.fixture
def scenario(app: Flask, parts: Parts, world: World, clock: StoppedClock) -> FeedbackScenario:
    return FeedbackScenario(parts, world, clock, parts.feedback_policy())


def bounce(to: str, address: str, *, status: str = "5.1.1", diagnostic: str = "550 5.1.1 User unknown", tag: str = "1",
           returned_header: str = "") -> bytes:  # fmt: skip
    """A delivery status notification, which says that a delivery to `address` failed."""
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
Diagnostic-Code: smtp; {diagnostic}

--b
Content-Type: text/rfc822-headers

{returned_header}
--b--
""".encode()


def complaint(to: str, returned_header: str, *, kind: str = "abuse", tag: str = "1") -> bytes:
    """An abuse report; `returned_header` is the header of the mail that it returns."""
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

{returned_header}

Good morning.

--f--
""".encode()

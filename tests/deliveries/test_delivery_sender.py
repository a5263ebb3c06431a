"""Sending: each answer of the mail server is recorded for what it is, and nothing goes out twice."""

from email import message_from_bytes

from sqlalchemy import select, update

from digest.articles.models import Story
from digest.articles.store import articles
from digest.database import Database
from digest.deliveries.models import Delivery, DeliveryRange
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.letter_sender import send_letters
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store import ranges
from digest.editions.models import Digest
from digest.editions.pure.sections import Section
from digest.feedback.unsubscribing import unsubscribe
from digest.mail.pure.outcomes import Deferred, InDoubt, Refused
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers import lifecycle
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import NOON, StoppedClock
from tests.deliveries.planned_deliveries import ANN, BOB, deliveries
from tests.fake_relay import FakeRelay
from tests.smtp_sink import MailSink


def hide_all(db: Database, hidden: bool) -> None:
    with db.begin() as tx:
        for key in tx.scalars(select(Story.id)).all():
            articles.set_hidden(tx, key, hidden=hidden, now=NOON)


def test_an_accepted_delivery_is_done(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay
) -> None:
    assert send_due(db, sending_context).claimed == 1
    assert send_due(db, sending_context).claimed == 0
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
    assert send_due(db, sending_context).claimed == 0
    assert deliveries(db)[0].state == "refused"
    assert len(relay.relayed) == 1


def test_a_deferred_delivery_waits_and_is_then_accepted(
    db: Database, ann: Subscriber, sending_context: SendingContext, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Deferred("451 later")]
    send_due(db, sending_context)
    assert send_due(db, sending_context).claimed == 0
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
    with db.read() as tx:
        assert "nowhere:25" in tx.scalars(select(DeliveryRange.reason)).one()
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
    assert send_due(db, sending_context).claimed == 0
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
    world.many_subscribers(ranges.MIN_RANGE_SIZE + 1)
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


def test_a_sender_of_digests_takes_no_letters(
    six: int, world: World, sending_context: SendingContext, relay: FakeRelay
) -> None:
    world.confirmation_letter(world.subscriber(BOB))
    send_due(world.db, sending_context)
    assert len(relay.relayed) == six
    assert relay.messages_to(BOB) == []
    assert send_letters(world.db, sending_context).claimed == 1
    assert len(relay.messages_to(BOB)) == 1


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

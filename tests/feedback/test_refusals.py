"""What the mail server refuses while we send counts like a bounce. A server that refuses too much is not believed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select, update

from digest.database import Database
from digest.deliveries.models import Delivery, Refusal
from digest.deliveries.planning import manual_editions
from digest.deliveries.planning.edition_planner import plan_due
from digest.deliveries.planning.planner import Planner
from digest.deliveries.sending.delivery_sender import send_due
from digest.deliveries.sending.sending_context import SendingContext
from digest.deliveries.store import deliveries
from digest.editions.models import Edition
from digest.editions.states import EditionState
from digest.feedback.actions import FeedbackPolicy
from digest.feedback.identification import IdentificationKeys
from digest.feedback.models import Feedback
from digest.feedback.pure.soft_bounces import SoftBounceLimit
from digest.feedback.refusals import SettledRefusals, settle_refusals
from digest.mail.pure.servers import parse_smtp_url
from digest.mail.relay import SmtpRelay
from digest.subscribers.models import Subscriber
from digest.subscribers.states import SubscriberState
from tests.builders import World
from tests.conftest import StoppedClock
from tests.database_fixtures import planner, relay, sending_context, tree, world  # noqa: F401
from tests.smtp_sink import MailSink, mail_sink

UNKNOWN, FULL, OURS = "550 5.1.1 no such user", "552 5.2.2 mailbox full", "550 5.7.1 not from you"


def number(recipient: str) -> int:
    """The number in an address of `World.many_subscribers`; the first subscriber has 0."""
    name = recipient.partition("@")[0]
    return int(name[1:]) if name.startswith("c") else 0


@dataclass
class Mornings:
    """Editions to many subscribers over a real mail server."""

    world: World
    planner: Planner
    context: SendingContext
    sink: MailSink
    clock: StoppedClock

    @property
    def db(self) -> Database:
        return self.world.db

    def subscribers(self, count: int) -> None:
        self.world.many_subscribers(count)

    def plan(self) -> int:
        """Plan an edition with a new story; returns its id."""
        self.world.article()
        assert plan_due(self.db, self.planner, self.world.clock()).deliveries
        with self.db.read() as tx:
            return tx.scalars(select(Edition.id).order_by(Edition.id.desc())).first() or 0

    def send(self) -> None:
        send_due(self.db, self.context)

    def settle(self) -> SettledRefusals:
        keys = IdentificationKeys(self.context.sender, self.context.links)
        return settle_refusals(self.db, FeedbackPolicy(keys, SoftBounceLimit(5, 4)), self.world.clock())

    def finish(self) -> None:
        with self.db.begin() as tx:
            deliveries.finish_editions(tx, self.world.clock())

    def state(self, edition: int) -> tuple[str, str]:
        with self.db.read() as tx:
            row = tx.get_one(Edition, edition)
            return row.state, row.reason

    def suppressed(self) -> set[int]:
        with self.db.read() as tx:
            query = select(Subscriber.email).where(Subscriber.state == SubscriberState.SUPPRESSED)
            return {number(email) for email in tx.scalars(query)}

    def feedback(self, severity: str) -> list[Feedback]:
        with self.db.read() as tx:
            return list(tx.scalars(select(Feedback).where(Feedback.severity == severity)))

    def unsettled(self) -> int:
        with self.db.read() as tx:
            return (
                tx.scalar(select(func.count()).select_from(Refusal).where(Refusal.settled_at.is_(None))) or 0
            )


@pytest.fixture
def mornings(
    world: World,  # noqa: F811
    planner: Planner,  # noqa: F811
    sending_context: SendingContext,  # noqa: F811
    clock: StoppedClock,
) -> Iterator[Mornings]:
    with mail_sink() as sink:
        sending_context.relay = SmtpRelay(parse_smtp_url(f"{sink.url}&connections=3"))
        yield Mornings(world, planner, sending_context, sink, clock)
        sending_context.relay.close()


def refusing(**by_share: str) -> Callable[[str], str]:
    """Refuse the n-th of each hundred with a reply; the name of the argument is "n" and n."""
    replies = {int(name[1:]): reply for name, reply in by_share.items()}
    return lambda recipient: replies.get(number(recipient) % 100, "")


def test_dead_addresses_are_suppressed_at_once_full_ones_by_patience_and_nobody_for_our_fault(
    mornings: Mornings,
) -> None:
    mornings.subscribers(400)
    mornings.sink.refusal_for = refusing(n1=UNKNOWN, n2=FULL, n3=OURS)
    for day in range(1, 6):
        edition = mornings.plan()
        mornings.send()
        state, reason = mornings.state(edition)
        assert state == EditionState.PAUSED
        assert "4 of" in reason
        assert "550 5.7.1 not from you" in reason
        manual_editions.resume(mornings.db, edition)
        mornings.settle()
        mornings.finish()
        assert mornings.state(edition)[0] == EditionState.SENT
        dead, full = {1, 101, 201, 301}, {2, 102, 202, 302}
        assert mornings.suppressed() == (dead if day < 5 else dead | full)
        mornings.clock.advance(days=1)
    assert len(mornings.feedback("hard")) == 4
    assert len(mornings.feedback("soft")) == len(mornings.feedback("sender")) == 20
    row = mornings.feedback("hard")[0]
    assert (row.kind, row.origin, row.status, row.reason) == ("bounce", "relay", "5.1.1", "nouser")
    assert row.words == f"{UNKNOWN} (in reply to RCPT TO)"
    assert row.delivery_id


def test_a_refused_subscriber_is_not_mailed_the_next_day(mornings: Mornings) -> None:
    mornings.subscribers(3)
    mornings.sink.refusal_for = refusing(n1=UNKNOWN)
    mornings.plan()
    mornings.send()
    assert mornings.settle() == SettledRefusals(1, 1)
    assert mornings.settle() == SettledRefusals(0, 0)
    mornings.clock.advance(days=1)
    mornings.plan()
    mornings.send()
    assert len(mornings.sink.received) == 4
    assert mornings.unsettled() == 0


@pytest.mark.parametrize("count", [10, 200, 260])
def test_a_server_that_calls_everybody_unknown_suppresses_nobody(mornings: Mornings, count: int) -> None:
    mornings.subscribers(count)
    mornings.sink.refusal_for = lambda _recipient: UNKNOWN
    edition = mornings.plan()
    mornings.send()
    assert (mornings.state(edition)[0] == EditionState.PAUSED) == (count >= 200)
    mornings.settle()
    mornings.settle()
    assert mornings.suppressed() == set()
    assert len(mornings.feedback("sender")) == count


def test_a_server_that_calls_all_mailboxes_full_fills_nobodys_patience(mornings: Mornings) -> None:
    mornings.subscribers(20)
    mornings.sink.refusal_for = lambda _recipient: FULL
    for _ in range(9):
        mornings.plan()
        mornings.send()
        mornings.settle()
        mornings.clock.advance(days=1)
    assert mornings.suppressed() == set()


def test_a_server_that_fails_in_the_middle_of_an_edition_is_not_believed_from_then_on(
    mornings: Mornings,
) -> None:
    """By then a whole edition has few unknown addresses, so only the answers since the last look count."""
    mornings.subscribers(60)
    mornings.sink.refusal_for = refusing(n1=UNKNOWN)
    edition = mornings.plan()
    mornings.send()
    mornings.settle()
    assert mornings.suppressed() == {1}
    mornings.clock.advance(minutes=5)
    with mornings.db.begin() as tx:  # as if thousands had been accepted before
        tx.execute(update(Edition).values(state=EditionState.SENDING))
    mornings.clock.advance(days=1)
    mornings.sink.refusal_for = lambda recipient: UNKNOWN if number(recipient) >= 20 else ""
    second = mornings.plan()
    mornings.send()
    mornings.settle()
    assert second != edition
    assert mornings.suppressed() == {1}


def test_while_too_few_have_answered_nobody_is_judged(mornings: Mornings) -> None:
    mornings.subscribers(60)
    mornings.sink.refusal_for = refusing(n1=UNKNOWN)
    edition = mornings.plan()
    send_due(mornings.db, mornings.context, should_continue=lambda: len(mornings.sink.received) < 30)
    with mornings.db.begin() as tx:
        first = tx.scalars(select(Delivery).where(Delivery.state == "planned")).first()
        assert first, "nothing is left to send"
    before = mornings.unsettled()
    assert mornings.settle() == SettledRefusals(0, 0)
    mornings.send()
    mornings.settle()
    assert mornings.unsettled() == 0
    assert before <= 1
    assert mornings.suppressed() == {1}
    assert mornings.state(edition)[0] == EditionState.SENDING


def test_a_refusal_that_was_saved_before_a_crash_is_acted_on_later_and_once(mornings: Mornings) -> None:
    mornings.subscribers(5)
    mornings.sink.refusal_for = refusing(n1=UNKNOWN)
    mornings.plan()
    mornings.send()  # and then the machine stops
    assert mornings.unsettled() == 1
    assert mornings.suppressed() == set()
    mornings.clock.advance(hours=3)
    assert mornings.settle() == SettledRefusals(1, 1)
    (row,) = mornings.feedback("hard")
    assert (mornings.world.clock() - row.at).total_seconds() == 3 * 3600  # when it happened
    with mornings.db.begin() as tx:  # as after a restore of only this table
        tx.execute(update(Refusal).values(settled_at=None))
    assert mornings.settle() == SettledRefusals(1, 0)
    assert len(mornings.feedback("hard")) == 1


def test_a_test_edition_and_an_erased_subscriber_leave_no_refusal(mornings: Mornings) -> None:
    mornings.subscribers(2)
    mornings.sink.refusal_for = lambda _recipient: UNKNOWN
    mornings.plan()
    with mornings.db.begin() as tx:
        tx.execute(update(Delivery).values(subscriber_id=None, test_address="editor@example.org"))
    mornings.send()
    assert mornings.unsettled() == 0
    assert mornings.settle() == SettledRefusals(0, 0)

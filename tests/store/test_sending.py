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
from digest.deliveries.planning.edition_planner import Planner, plan_due
from digest.deliveries.sending import delivery_sender
from digest.deliveries.sending.delivery_sender import Post, send_due
from digest.editions.models import Digest
from digest.errors import ConflictError
from digest.feedback.unsubscribing import unsubscribe
from digest.mail.pure.outcomes import Deferred, InDoubt, Refused
from digest.mail.pure.pacing import Rates
from digest.mail.pure.servers import read_smtp_url
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
    reader = world.reader(ANN)
    world.article("Bridge over the river reopened today")
    plan_due(db, planner, world.clock())
    return reader


@pytest.fixture
def six(db: Database, world: World, planner: Planner) -> int:
    """Six deliveries that are due."""
    world.crowd(6)
    world.article()
    return plan_due(db, planner, world.clock()).deliveries


@pytest.fixture
def sixty(db: Database, world: World, planner: Planner) -> int:
    """Sixty deliveries that are due."""
    world.crowd(60)
    world.article()
    return plan_due(db, planner, world.clock()).deliveries


def deliveries(db: Database) -> list[Delivery]:
    with db.read() as tx:
        return list(tx.scalars(select(Delivery).order_by(Delivery.id)))


def hide_all(db: Database, hidden: bool) -> None:
    with db.begin() as tx:
        for key in tx.scalars(select(Story.id)).all():
            articles.set_hidden(tx, key, hidden=hidden, now=NOON)


def test_an_accepted_delivery_is_done(db: Database, ann: Subscriber, post: Post, relay: FakeRelay) -> None:
    assert send_due(db, post) == 1
    assert send_due(db, post) == 0
    (done,) = deliveries(db)
    assert (done.state, done.answer, done.attempts) == ("accepted", "250 taken", 1)
    assert done.finished_at is not None
    assert b"Bridge over the river" in relay.to(ANN)[0]


def test_a_refused_delivery_is_not_tried_again(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Refused("550 no such user")]
    send_due(db, post)
    clock.forward(days=1)
    assert send_due(db, post) == 0
    assert deliveries(db)[0].state == "refused"
    assert len(relay.handed) == 1


def test_a_deferred_delivery_waits_and_is_then_accepted(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Deferred("451 later")]
    send_due(db, post)
    assert send_due(db, post) == 0
    clock.forward(minutes=8)
    send_due(db, post)
    (done,) = deliveries(db)
    assert (done.state, done.attempts) == ("accepted", 2)


def test_one_deferred_all_day_expires(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [Deferred("451 later")] * 99
    for _ in range(30):
        send_due(db, post)
        clock.forward(hours=1)
    assert deliveries(db)[0].state == "expired"
    assert len(relay.handed) < 15


def test_in_doubt_is_sent_once_more_as_the_same_message_and_never_again(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.answers[ANN] = [InDoubt("hung up"), InDoubt("hung up")]
    for _ in range(5):
        send_due(db, post)
        clock.forward(hours=1)
    (done,) = deliveries(db)
    assert (done.state, done.in_doubt) == ("in_doubt", True)
    first, second = relay.to(ANN)
    assert message_from_bytes(first)["Message-ID"] == message_from_bytes(second)["Message-ID"]


def test_while_the_relay_is_down_everything_waits_and_no_attempt_is_counted(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    relay.down = True
    for _ in range(40):
        send_due(db, post)
        clock.forward(hours=1)
    (waiting,) = deliveries(db)
    assert (waiting.state, waiting.attempts) == ("planned", 0)
    assert "nowhere:25" in waiting.answer
    relay.down = False
    send_due(db, post)
    assert deliveries(db)[0].state == "accepted"


def test_who_left_since_it_was_planned_gets_nothing(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay
) -> None:
    assert unsubscribe(db, ann.public_id, origin="one-click", now=post.clock())
    send_due(db, post)
    assert deliveries(db)[0].state == "skipped"
    assert relay.handed == []


def test_who_was_erased_since_it_was_planned_leaves_no_delivery(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay
) -> None:
    lifecycle.erase(db, ann.public_id, secret="secret", now=post.clock())
    assert send_due(db, post) == 0
    assert deliveries(db) == []
    assert relay.handed == []


def test_a_digest_whose_stories_were_all_hidden_since_is_not_sent(
    db: Database, ann: Subscriber, post: Post, relay: FakeRelay
) -> None:
    hide_all(db, hidden=True)
    send_due(db, post)
    assert deliveries(db)[0].state == "skipped"
    assert relay.handed == []


def test_a_story_hidden_between_two_chunks_is_in_the_first_alone(
    db: Database, world: World, planner: Planner, post: Post, relay: FakeRelay
) -> None:
    world.crowd(delivery_sender.CHUNK + 1)
    world.article("The one to be hidden in a moment")
    world.article("The one that everybody gets")
    plan_due(db, planner, world.clock())

    def hide_the_first(_recipient: str) -> None:
        if len(relay.handed) == 1:
            with db.begin() as tx:
                key = tx.scalars(select(Story.id).order_by(Story.id)).first()
                articles.set_hidden(tx, key or 0, hidden=True, now=NOON)

    relay.before = hide_the_first
    send_due(db, post)
    assert b"to be hidden" in relay.handed[0].message
    assert b"to be hidden" not in relay.handed[-1].message
    assert b"everybody gets" in relay.handed[-1].message


def test_the_lease_of_the_last_mail_is_renewed_until_its_answer_comes(
    db: Database, ann: Subscriber, post: Post, two: ThreadPoolExecutor
) -> None:
    with mail_sink() as sink:
        sink.delay = 3.0
        ways = [SmtpRelay(read_smtp_url(sink.url)) for _ in range(2)]
        mine, other = (
            replace(post, relay=way, clock=real.now, ticks=time.monotonic, lease=timedelta(seconds=1.6))
            for way in ways
        )
        sending_it = two.submit(send_due, db, mine)
        while not sending_it.done():
            time.sleep(0.2)
            send_due(db, other)
        for way in ways:
            way.close()
        assert len(sink.taken) == 1
    assert [(d.state, d.attempts) for d in deliveries(db)] == [("accepted", 1)]


def test_over_a_slow_relay_leases_are_renewed_so_that_nobody_takes_them_over(
    db: Database, six: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    other = replace(post, relay=FakeRelay())

    def slow(_recipient: str) -> None:
        clock.forward(seconds=40)
        if len(relay.handed) == 3:
            assert send_due(db, other) == 0

    relay.before = slow
    send_due(db, post)
    assert [d.state for d in deliveries(db)] == ["accepted"] * 6
    assert len({handed.recipient for handed in relay.handed}) == len(relay.handed) == 6


def test_a_crash_forgets_nothing_that_was_answered(
    db: Database, sixty: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    class Killed(BaseException):
        """As if by kill -9: nothing is given back."""

    def crash(_recipient: str) -> None:
        if len(relay.handed) == 55:
            raise Killed

    relay.before = crash
    run = delivery_sender.Run(db, post, lambda: True)
    with pytest.raises(Killed):
        relay.carry(run.mails(), run.keep)
    relay.before = lambda _recipient: None
    assert sum(d.state == "accepted" for d in deliveries(db)) == 55
    assert send_due(db, post) == 0
    clock.forward(minutes=2)
    send_due(db, post)
    assert [d.state for d in deliveries(db)] == ["accepted"] * 60
    assert len(relay.handed) == 60


def test_a_clock_set_forward_takes_nobodys_claims_away(
    db: Database, six: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    ticks = [0.0]
    other = replace(post, relay=FakeRelay(), ticks=lambda: ticks[0])
    send_due(db, other, go_on=lambda: False)

    def leap(_recipient: str) -> None:
        if len(relay.handed) == 2:
            other.steps.steady(clock(), ticks[0], other.lease)
            clock.forward(hours=1)
            assert send_due(db, other) == 0

    relay.before = leap
    send_due(db, post)
    assert len({handed.recipient for handed in relay.handed}) == len(relay.handed) == 6


def test_what_somebody_else_has_taken_over_is_not_sent(
    db: Database, six: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    other = replace(post, relay=FakeRelay())

    def stall(_recipient: str) -> None:
        if not relay.handed:  # this one is on its way already when we are held up
            clock.forward(minutes=5)
            assert send_due(db, other) == 6

    relay.before = stall
    send_due(db, post)
    assert len(relay.handed) == 1
    assert len(other.relay.handed) == 6  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "step", [manual_editions.pause, lambda db, key: manual_editions.cancel(db, key, NOON)]
)
def test_an_edition_that_is_held_goes_no_further_and_the_rest_is_given_back(
    db: Database,
    six: int,
    post: Post,
    clock: StoppedClock,
    step: Callable[[Database, int], object],
) -> None:
    relay = post.relay
    assert isinstance(relay, FakeRelay)

    def hold(_recipient: str) -> None:
        clock.forward(seconds=2)
        if len(relay.handed) == 2:
            step(db, deliveries(db)[0].edition_id)

    relay.before = hold
    send_due(db, post)
    states = [d.state for d in deliveries(db)]
    assert states.count("accepted") == len(relay.handed) == 3
    assert not states.count("claimed")
    assert {d.attempts for d in deliveries(db) if d.state != "accepted"} == {0}


@pytest.mark.parametrize("stop", ["paused", "told to stop"])
def test_what_waits_in_the_relay_for_its_domains_turn_is_given_back_too(
    db: Database, sixty: int, post: Post, mail_server: MailSink, stop: str
) -> None:
    relay = SmtpRelay(read_smtp_url(mail_server.url), rates=Rates({"example.com": 2}))
    mine = replace(post, relay=relay, clock=real.now, ticks=time.monotonic)

    def go_on() -> bool:
        if len(mail_server.taken) < 2:
            return True
        with suppress(ConflictError):  # it is asked again after it was paused
            if stop == "paused":
                manual_editions.pause(db, deliveries(db)[0].edition_id)
        return stop == "paused"

    started = time.monotonic()
    send_due(db, mine, go_on=go_on)
    relay.close()
    assert time.monotonic() - started < 10
    states = Counter(d.state for d in deliveries(db))
    assert states == {"accepted": len(mail_server.taken), "planned": sixty - len(mail_server.taken)}
    assert len(mail_server.taken) < 10
    assert {d.attempts for d in deliveries(db) if d.state == "planned"} == {0}


def test_who_leaves_while_the_edition_goes_out_gets_nothing_more(
    db: Database, six: int, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    def leave(_recipient: str) -> None:
        clock.forward(seconds=2)
        if len(relay.handed) == 1:
            with db.begin() as tx:
                tx.execute(update(Subscriber).values(state="suppressed"))

    relay.before = leave
    send_due(db, post)
    assert [d.state for d in deliveries(db)].count("skipped") == 4
    assert len(relay.handed) == 2


def test_a_sender_that_is_told_to_stop_gives_the_rest_back_at_once(
    db: Database, six: int, post: Post, relay: FakeRelay
) -> None:
    send_due(db, post, go_on=lambda: len(relay.handed) < 2)
    assert sorted(d.state for d in deliveries(db)) == ["accepted"] * 2 + ["planned"] * 4
    send_due(db, post)
    assert len({handed.recipient for handed in relay.handed}) == len(relay.handed) == 6


def test_letters_go_before_deliveries(
    six: int, world: World, post: Post, relay: FakeRelay, clock: StoppedClock
) -> None:
    db = world.db

    def join(_recipient: str) -> None:
        clock.forward(seconds=2)
        if len(relay.handed) == 1:
            world.letter(world.reader(BOB))

    relay.before = join
    send_due(db, post)
    assert [handed.recipient for handed in relay.handed].index(BOB) == 2


def test_one_that_cannot_be_made_stops_no_other(
    db: Database, world: World, planner: Planner, post: Post, relay: FakeRelay
) -> None:
    world.reader(ANN, regions=["central-asia"])
    world.reader(BOB, regions=["world"])
    world.article()
    plan_due(db, planner, world.clock())
    with db.begin() as tx:
        first = tx.scalars(select(Digest.id).order_by(Digest.id)).first()
        tx.execute(update(Digest).where(Digest.id == first).values(sections=[["no region", [[1, 1]]]]))
    send_due(db, post)
    assert {d.state for d in deliveries(db)} == {"planned", "accepted"}
    assert len(relay.handed) == 1


def test_over_a_real_connection_every_answer_is_recorded(
    db: Database, world: World, planner: Planner, post: Post, mail_server: MailSink
) -> None:
    names = ("ann", "defer", "refuse", "silent", "drop", "bye", "zoe")
    for name in names:
        world.reader(f"{name}@example.com")
    world.article("...leading dots")
    plan_due(db, planner, world.clock())
    post.relay = SmtpRelay(read_smtp_url(mail_server.url))
    send_due(db, post)
    post.relay.close()
    with db.read() as tx:
        rows = tx.execute(select(Subscriber.email, Delivery.state, Delivery.in_doubt).join(
            Delivery, Delivery.subscriber_id == Subscriber.id))  # fmt: skip
        found = {row[0].partition("@")[0]: (row[1], row[2]) for row in rows}
    assert found == {
        "ann": ("accepted", False),
        "defer": ("planned", False),
        "refuse": ("refused", False),
        "silent": ("planned", True),
        "drop": ("planned", False),
        "bye": ("planned", False),
        "zoe": ("accepted", False),
    }
    assert all(taken.sender.endswith("@bounces.example.org") for taken in mail_server.taken)

"""Whom feedback is about: our own tokens first, then unsubscribe links, then Message-IDs and signed addresses."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.database import Database
from digest.deliveries.messages.digest_message import SenderIdentity, message_id_local_part
from digest.deliveries.models import Delivery
from digest.deliveries.pure import return_paths
from digest.deliveries.states import DeliveryState
from digest.editions.states import EditionKind
from digest.editions.store import editions
from digest.editions.store.editions import DigestKey, DigestRow
from digest.feedback.identification import (
    FeedbackOrigin,
    IdentificationKeys,
    IdentifiedSubscriber,
    has_own_token,
    identify_subscribers,
    unsubscribe_address_owner,
)
from digest.feedback.pure.classification import ParsedFeedback, ParsedKind, Recipient
from digest.own_addresses import NamedAddress
from digest.regions.tree import region_tree
from digest.subscribers.models import Consent, Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.links import SignedLinks
from digest.subscribers.states import ConsentAction, LetterKind
from digest.subscribers.store import letters, subscribers
from tests.accounts.conftest import on_sqlite
from tests.builders import World
from tests.conftest import NOON, StoppedClock

SECRET, DOMAIN = "a secret that is long enough", "bounces.example.org"
SENDER = SenderIdentity(
    NamedAddress("Dateline", "news@example.org"), DOMAIN, "Dateline", "https://example.org", SECRET
)
KEYS = IdentificationKeys(SENDER, SignedLinks(SECRET, "https://example.org"))
MAILBOX, SIGNED = FeedbackOrigin("mailbox"), FeedbackOrigin("webhook", signed=True)
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def world(db: Database, clock: StoppedClock) -> World:
    return World(db, region_tree.load(), clock)


def deliver(
    world: World,
    subscriber: Subscriber,
    *,
    ago: timedelta = DAY,
    state: DeliveryState = DeliveryState.ACCEPTED,
) -> Delivery:
    at = NOON - ago
    with world.db.begin() as tx:
        edition = editions.create_manual(tx, EditionKind.MANUAL, {}, note="", now=at, cutoff=at)
        editions.save_digests(tx, edition.id, [DigestRow(subscriber.preferences_key, at, "x", (), "hash")])
        key = DigestKey(subscriber.preferences_key, at, "")
        delivery = Delivery(
            edition_id=edition.id, digest_id=editions.digest_ids(tx, edition.id, [key])[key], state=state,
            subscriber_id=subscriber.id, planned_at=at, not_before=at,
        )  # fmt: skip
        tx.add(delivery)
    return delivery


def return_path(delivery: Delivery) -> str:
    return f"{return_paths.delivery_local_part(SECRET, delivery.id, delivery.planned_at)}@{DOMAIN}"


def message_id(delivery: Delivery, subscriber: Subscriber) -> str:
    local = message_id_local_part(
        SENDER, delivery.edition_id, delivery.planned_at, subscriber.public_id, subscriber.email
    )
    return f"<{local}@{DOMAIN}>"


def link(subscriber: Subscriber) -> str:
    return KEYS.links.url("unsubscribe", subscriber.public_id, NOON)


def bounce(text: str = "", *addresses: str, hard: bool = True) -> ParsedFeedback:
    return ParsedFeedback(
        ParsedKind.BOUNCE, [Recipient(address, hard) for address in addresses], searchable_text=text
    )


def identify(
    world: World, feedback: ParsedFeedback, origin: FeedbackOrigin = MAILBOX
) -> Sequence[IdentifiedSubscriber]:
    with world.db.read() as tx:
        return identify_subscribers(tx, feedback, KEYS, origin, now=NOON)


def who(world: World, feedback: ParsedFeedback, origin: FeedbackOrigin = MAILBOX) -> list[str]:
    return [found.subscriber.email for found in identify(world, feedback, origin)]


@on_sqlite
def test_a_return_path_names_the_delivery_wherever_it_stands(world: World) -> None:
    ann = world.subscriber("ann@far.example")
    path = return_path(deliver(world, ann))
    for feedback, origin in (
        (bounce(f"was sent to {path}"), MAILBOX),
        (replace(bounce(), addressed_to=path), MAILBOX),
        (bounce(), FeedbackOrigin("mailbox", envelope_to=path)),
    ):
        (found,) = identify(world, feedback, origin)
        assert found.subscriber.id == ann.id
        assert found.delivery is not None
        assert not found.by_link_only
    assert who(world, bounce("b-1-1-00000000000000000000@x.example", "ann@far.example")) == []


@on_sqlite
def test_the_diagnosis_is_hard_only_if_no_recipient_is_soft(world: World) -> None:
    path = return_path(deliver(world, world.subscriber()))
    hard, soft = Recipient("x@far.example", True), Recipient("y@far.example", False)
    for recipients, expected in (([hard, soft], False), ([soft, hard], False), ([hard], True)):
        (found,) = identify(world, replace(bounce(path), recipients=recipients))
        assert found.diagnosis is not None
        assert found.diagnosis.hard is expected
    (found,) = identify(world, replace(bounce(path), unnamed_recipient=hard))
    assert found.diagnosis == hard
    assert identify(world, bounce(path))[0].diagnosis is None


@on_sqlite
def test_of_several_tokens_the_one_of_a_delivery_says_most(world: World) -> None:
    ann = world.subscriber("ann@far.example")
    address = f"{return_paths.subscriber_local_part(SECRET, ann.public_id)}@{DOMAIN}"
    path = return_path(deliver(world, ann))
    for text in (f"{address} {path}", f"{path} {address}"):
        (found,) = identify(world, bounce(text))
        assert found.delivery is not None
    assert identify(world, bounce(address))[0].delivery is None


@on_sqlite
def test_a_letter_names_its_subscriber_unless_it_went_to_another_address_or_is_another_row(
    world: World,
) -> None:
    ann = world.subscriber("ann@far.example")

    def letter(address: str = "") -> str:
        with world.db.begin() as tx:
            kind = LetterKind.ADDRESS if address else LetterKind.LINK
            to = parse_address(address) if address else None
            number = letters.add(tx, ann, kind, subscribers.subscription_of(ann), now=NOON, address=to)
        return f"{return_paths.letter_local_part(SECRET, number, NOON)}@{DOMAIN}"

    assert who(world, bounce(letter())) == ["ann@far.example"]
    assert who(world, bounce(letter("ann@new.example"))) == []
    restored = return_paths.letter_local_part(SECRET, 1, NOON + SECOND)
    assert who(world, bounce(f"{restored}@{DOMAIN}")) == []
    delivery = deliver(world, ann)
    other_time = return_paths.delivery_local_part(SECRET, delivery.id, delivery.planned_at + SECOND)
    assert who(world, bounce(f"{other_time}@{DOMAIN}")) == []


@on_sqlite
def test_what_comes_back_from_an_old_address_is_not_about_the_new_one(world: World) -> None:
    ann = world.subscriber("ann@new.example")
    before, after = deliver(world, ann, ago=2 * DAY), deliver(world, ann, ago=SECOND)
    with world.db.begin() as tx:
        moved = Consent(
            subscriber_id=ann.id, at=NOON - DAY, action=ConsentAction.MOVED, origin="", wording=""
        )
        tx.add(moved)
    assert who(world, bounce(return_path(before))) == []
    assert who(world, bounce(return_path(after))) == ["ann@new.example"]


@on_sqlite
def test_an_unsubscribe_link_names_its_owner_but_only_to_unsubscribe(world: World) -> None:
    ann = world.subscriber("ann@far.example")
    (found,) = identify(world, bounce(f"see {link(ann)} there"))
    assert (found.subscriber.id, found.by_link_only, found.delivery) == (ann.id, True, None)
    forged = link(ann)[:-3] + "abc"
    assert who(world, bounce(forged)) == []
    assert who(world, bounce(f"{forged} " * 4 + link(ann))) == ["ann@far.example"]
    assert who(world, bounce(f"{forged} " * 5 + link(ann))) == []  # five are verified


@on_sqlite
def test_an_address_counts_with_the_message_id_of_a_delivery_to_it(world: World) -> None:
    ann, bob = world.subscriber("ann@far.example"), world.subscriber("bob@far.example")
    marked = message_id(deliver(world, ann), ann)
    deliver(world, bob)
    assert who(world, bounce(marked, "ann@far.example", "bob@far.example", "nobody", "x@far.example")) == [
        "ann@far.example"
    ]
    assert who(world, bounce(marked.upper(), "ann@far.example")) == ["ann@far.example"]
    assert who(world, bounce("", "ann@far.example")) == []
    strangers = [f"x{n}@far.example" for n in range(20)]
    assert who(world, bounce(marked, *strangers[:19], "ann@far.example")) == ["ann@far.example"]
    assert who(world, bounce(marked, *strangers, "ann@far.example")) == []  # twenty are looked up
    (found,) = identify(world, bounce(marked, "ann@far.example", "ANN@far.example"))
    assert found.diagnosis is not None


@on_sqlite
@pytest.mark.parametrize(
    ("ago", "state", "counts"),
    [
        (timedelta(days=30) - SECOND, DeliveryState.ACCEPTED, True),
        (timedelta(days=30), DeliveryState.ACCEPTED, False),
        (DAY, DeliveryState.PLANNED, False),
    ],
)
def test_a_signed_event_may_name_an_address_that_got_something_within_thirty_days(
    world: World, ago: timedelta, state: DeliveryState, counts: bool
) -> None:
    deliver(world, world.subscriber("ann@far.example"), ago=ago, state=state)
    assert bool(who(world, bounce("", "ann@far.example"), SIGNED)) is counts
    assert who(world, bounce("", "ann@far.example"), MAILBOX) == []


@on_sqlite
def test_a_look_up_is_worth_it_where_something_may_be_ours(world: World) -> None:
    def may_be_ours(text: str) -> bool:
        return has_own_token(bounce(text), KEYS, MAILBOX)

    ann = world.subscriber()
    assert may_be_ours(return_path(deliver(world, ann)))
    assert may_be_ours(link(ann))
    assert may_be_ours(f"<{'0a' * 12}@{SENDER.domain}>")
    assert not may_be_ours(f"<{'0a' * 12}@elsewhere.example>")
    assert not may_be_ours(f"someone@{SENDER.domain}")
    assert not may_be_ours("a person wrote this")


def test_a_mail_to_an_unsubscribe_address_names_its_owner_by_its_recipients_alone() -> None:
    address = f"{return_paths.subscriber_local_part(SECRET, 'pub1')}@{DOMAIN}"
    delivery = f"{return_paths.delivery_local_part(SECRET, 1, NOON)}@{DOMAIN}"

    def owner(feedback: ParsedFeedback, envelope_to: str = "") -> str:
        return unsubscribe_address_owner(feedback, KEYS, FeedbackOrigin("mailbox", envelope_to))

    assert owner(bounce(), address) == "pub1"
    assert owner(replace(bounce(), addressed_to=f"{delivery}, {address}")) == "pub1"
    assert owner(bounce(address)) == ""  # quoted in its text: anybody may do that
    assert owner(bounce(), delivery) == ""

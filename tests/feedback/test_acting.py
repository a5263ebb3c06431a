"""What is done about what came back, and to whom: once, and never to somebody whom only a stranger names."""

import pytest

from digest.deliveries.messages.digest_message import message_identity
from digest.deliveries.pure import return_paths
from digest.editions.store import editions
from digest.feedback import store as feedback
from digest.feedback import suppression
from digest.subscribers import lifecycle
from digest.subscribers.lifecycle import Asked
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import address_hash, read_address
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.feedback.conftest import BOUNCES, Post, bounce, complaint

PERSON = (
    b"From: Ann <ann@example.com>\nTo: %s\nSubject: %s\nMessage-ID: <p@example.com>\n%s\nStop it, please.\n"
)


def test_a_hard_bounce_suppresses_the_reader_whose_delivery_it_was(post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    delivery = post.delivery(reader)
    taken = post.take(bounce(post.return_path(delivery), "anna@far.example"))
    assert (taken.kind, taken.delivery, taken.new, taken.stopped) == ("bounce", delivery.id, 1, 1)
    assert post.reader(reader).state == "suppressed"
    (row,) = post.rows(reader)
    assert (row.delivery_id, row.severity, row.status, row.reason) == (delivery.id, "hard", "5.1.1", "nouser")
    assert (row.origin, row.domain) == ("mailbox", "far.example")
    with post.db.read() as tx:
        found = store.suppressed(tx, address_hash(post.parts.settings.secret_key, "anna@far.example"))
    assert found
    assert (found.reason, found.subscriber_id) == ("bounced", reader.id)
    assert "User unknown" in found.detail


def test_the_return_path_counts_whatever_address_the_bounce_names(post: Post, world: World) -> None:
    reader, other = world.reader("anna@far.example"), world.reader("ben@far.example")
    delivery = post.delivery(reader)
    post.delivery(other)
    post.take(bounce(post.return_path(delivery), "ben@far.example"))
    assert post.reader(reader).state == "suppressed"
    assert post.reader(other).state == "active"


def test_a_forged_bounce_stops_nobody(post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    delivery = post.delivery(reader)
    made_up = post.return_path(delivery).replace("b-", "b-1", 1)
    for to in ("digest@example.org", made_up, "b-1-2-aaaaaaaaaaaaaaaa@" + BOUNCES):
        assert post.take(bounce(to, "anna@far.example")).readers == 0
    assert post.reader(reader).state == "active"
    assert post.rows(reader) == []


def test_a_bounce_without_our_return_path_counts_if_it_returns_our_message_id(
    post: Post, world: World
) -> None:
    reader, other = world.reader("anna@far.example"), world.reader("ben@far.example")
    delivery = post.delivery(reader)
    own = message_identity(
        post.parts.sender, delivery.edition_id, delivery.planned_at, reader.public_id, reader.email
    )
    header = f"Message-ID: <{own}@example.org>"
    assert post.take(bounce("digest@example.org", "ben@far.example", returned=header)).readers == 0
    assert (
        post.take(bounce("digest@example.org", "anna@far.example", returned=header)).delivery == delivery.id
    )
    assert post.reader(reader).state == "suppressed"
    assert post.reader(other).state == "active"


def test_the_same_bounce_again_counts_once(post: Post, world: World) -> None:
    reader = world.reader()
    path = post.return_path(post.delivery(reader))
    raw = bounce(path, reader.email, status="5.2.2", said="552 5.2.2 mailbox full")
    assert [post.take(raw).new for _ in range(3)] == [1, 0, 0]
    nameless = raw.replace(b"Message-ID: <bounce-1@mx.example.net>\n", b"")
    assert [post.take(nameless).new for _ in range(2)] == [1, 0]
    assert len(post.rows(reader)) == 2
    assert post.reader(reader).state == "active"


def soft(post: Post, reader: Subscriber, tag: int) -> None:
    path = post.return_path(post.delivery(reader))
    post.take(bounce(path, "x@far.example", status="4.2.2", said="452 4.2.2 full", tag=str(tag)))


def test_soft_bounces_suppress_after_many_days_and_not_before(post: Post, world: World) -> None:
    reader = world.reader()
    for day in range(4):
        soft(post, reader, day)
        post.forward(days=1)
    for again in range(5):  # five in one day are one trouble
        soft(post, reader, 100 + again)
    assert post.reader(reader).state == "active"
    post.forward(days=3)
    soft(post, reader, 200)
    assert post.reader(reader).state == "suppressed"


def test_soft_bounces_of_long_ago_are_forgotten(post: Post, world: World) -> None:
    reader = world.reader()
    for number in range(8):
        soft(post, reader, number)
        post.forward(days=20)
    assert post.reader(reader).state == "active"


def test_a_complaint_suppresses_and_unsubscribes(post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    delivery = post.delivery(reader)
    taken = post.take(complaint("abuse@example.org", f"Return-Path: <{post.return_path(delivery)}>"))
    assert (taken.kind, taken.stopped) == ("complaint", 1)
    found = post.reader(reader)
    assert (found.state, found.left_at) == ("suppressed", post.clock())


def test_a_redacted_complaint_is_known_by_the_link_to_unsubscribe_and_does_what_that_does(
    post: Post, world: World
) -> None:
    reader = world.reader()
    url = post.parts.links.url("unsubscribe", reader.public_id, post.clock())
    assert post.take(complaint("abuse@example.org", f"List-Unsubscribe: <{url}>")).stopped == 1
    assert post.reader(reader).state == "unsubscribed"


def test_who_was_forwarded_a_digest_can_forge_no_bounce_from_its_link(post: Post, world: World) -> None:
    reader = world.reader()
    post.delivery(reader)
    url = post.parts.links.url("unsubscribe", reader.public_id, post.clock())
    raw = bounce("digest@example.org", reader.email, returned=f"List-Unsubscribe: <{url}>")
    assert post.take(raw).stopped == 0
    assert post.reader(reader).state == "active"


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_a_report_that_is_no_complaint_stops_nobody(post: Post, world: World, kind: str) -> None:
    reader = world.reader()
    raw = complaint(
        "abuse@example.org", f"Return-Path: <{post.return_path(post.delivery(reader))}>", kind=kind
    )
    assert post.take(raw).stopped == 0
    assert post.reader(reader).state == "active"


def test_a_mail_to_the_address_of_list_unsubscribe_unsubscribes(post: Post, world: World) -> None:
    reader = world.reader()
    to = f"{return_paths.reader_part(post.parts.settings.secret_key, reader.public_id)}@{BOUNCES}"
    vacation = PERSON % (to.encode(), b"Out of office", b"Auto-Submitted: auto-replied\n")
    assert post.take(vacation).kind == "autoreply"
    assert post.reader(reader).state == "active"
    assert post.take(PERSON % (to.upper().encode(), b"unsubscribe", b"")).kind == "unsubscribe"
    assert post.reader(reader).state == "unsubscribed"
    assert [row.kind for row in post.rows(reader)] == ["unsubscribe"]


def test_a_mail_that_only_says_unsubscribe_does_nothing(post: Post, world: World) -> None:
    reader = world.reader("ann@example.com")
    assert post.take(PERSON % (b"digest@example.org", b"unsubscribe", b"")).kind == "none"
    assert post.reader(reader).state == "active"


def test_an_automatic_reply_to_a_delivery_does_nothing(post: Post, world: World) -> None:
    reader = world.reader()
    to = post.return_path(post.delivery(reader)).encode()
    assert post.take(PERSON % (to, b"Out of office", b"")).kind == "autoreply"
    assert post.reader(reader).state == "active"
    assert post.rows(reader) == []


def test_a_bounce_that_names_nobody_is_known_by_its_return_path(post: Post, world: World) -> None:
    reader = world.reader()
    to = post.return_path(post.delivery(reader)).encode()
    raw = b"From: MAILER-DAEMON@mx.example\nTo: %s\nSubject: Returned mail\n\nSorry, mailbox full.\n" % to
    assert post.take(raw).new == 1
    assert [(row.severity, row.reason) for row in post.rows(reader)] == [("soft", "mailboxfull")]


def test_a_bounce_of_a_letter_counts_for_its_reader(post: Post, world: World) -> None:
    reader = world.reader("anna@far.example", state="pending")
    world.letter(reader)
    with post.db.read() as tx:
        letter = letters.of_subscriber(tx, reader)[0]
    local = return_paths.letter_part(post.parts.settings.secret_key, letter.id, letter.created_at)
    assert post.take(bounce(f"{local}@{BOUNCES}", "anna@far.example")).stopped == 1
    assert post.reader(reader).state == "suppressed"


def test_after_a_restored_backup_an_old_return_path_names_nobody_else(post: Post, world: World) -> None:
    lost = post.delivery(world.reader())
    old = post.return_path(lost)
    with post.db.begin() as tx:
        found = feedback.delivery(tx, lost.id)
        assert found
        tx.delete(found)
    post.forward(hours=2)
    reader = world.reader()
    assert post.delivery(reader).id == lost.id
    assert post.take(bounce(old, reader.email)).readers == 0
    assert post.reader(reader).state == "active"


def test_many_complaints_hold_the_edition(post: Post, world: World) -> None:
    first = post.delivery(world.reader())
    for number in range(2):
        reader = world.reader()
        delivery = post.delivery(reader, edition=first.edition_id)
        post.take(complaint("a@example.org", f"Return-Path: <{post.return_path(delivery)}>", tag=str(number)))
    with post.db.read() as tx:
        assert editions.by_id(tx, first.edition_id).state == "sending"
    post.take(complaint("a@example.org", f"Return-Path: <{post.return_path(first)}>", tag="last"))
    with post.db.read() as tx:
        assert editions.by_id(tx, first.edition_id).state == "paused"


def test_a_suppressed_address_cannot_join_until_it_is_lifted(post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    secret = post.parts.settings.secret_key
    post.take(bounce(post.return_path(post.delivery(reader)), reader.email))
    address = read_address("anna@far.example")
    asked = Asked(address, store.wishes_of(reader), "192.0.2.1", "yes")
    assert lifecycle.join(post.db, asked, secret=secret, now=post.clock()) is None
    assert (
        suppression.lift(post.db, address, secret=secret, mistaken=False, now=post.clock()) == "unsubscribed"
    )
    post.forward(minutes=1)
    assert lifecycle.join(post.db, asked, secret=secret, now=post.clock()) is not None


def test_a_mistaken_bounce_is_taken_back_and_its_history_no_longer_counts(post: Post, world: World) -> None:
    reader = world.reader()
    for number in range(6):
        soft(post, reader, number)
        post.forward(days=2)
    assert post.reader(reader).state == "suppressed"
    address, secret = read_address(reader.email), post.parts.settings.secret_key
    assert suppression.lift(post.db, address, secret=secret, mistaken=True, now=post.clock()) == "active"
    soft(post, reader, 50)
    assert post.reader(reader).state == "active"


def test_nobody_takes_back_a_complaint_for_the_reader(post: Post, world: World) -> None:
    reader = world.reader()
    raw = complaint("a@example.org", f"Return-Path: <{post.return_path(post.delivery(reader))}>")
    post.take(raw)
    address, secret = read_address(reader.email), post.parts.settings.secret_key
    assert (
        suppression.lift(post.db, address, secret=secret, mistaken=True, now=post.clock()) == "unsubscribed"
    )
    post.take(raw)  # the same report comes again
    assert post.reader(reader).state == "unsubscribed"


def test_a_complaint_after_a_bounce_is_what_counts(post: Post, world: World) -> None:
    reader = world.reader()
    path = post.return_path(post.delivery(reader))
    post.take(bounce(path, reader.email))
    post.take(complaint("a@example.org", f"Return-Path: <{path}>"))
    address, secret = read_address(reader.email), post.parts.settings.secret_key
    assert (
        suppression.lift(post.db, address, secret=secret, mistaken=True, now=post.clock()) == "unsubscribed"
    )


def test_erasing_a_suppressed_reader_leaves_the_hash_alone(post: Post, world: World) -> None:
    reader = world.reader("anna@far.example")
    said = "550 5.1.1 <anna@far.example>: unknown user"
    post.take(bounce(post.return_path(post.delivery(reader)), reader.email, said=said))
    secret = post.parts.settings.secret_key
    lifecycle.erase(post.db, reader.public_id, secret=secret, now=post.clock())
    with post.db.read() as tx:
        found = store.suppressed(tx, address_hash(secret, "anna@far.example"))
    assert found
    assert (found.subscriber_id, found.detail) == (None, "550 5.1.1 <…>: unknown user")

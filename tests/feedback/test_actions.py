"""What feedback stops: it counts once, and never for a subscriber that only a stranger names."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from digest.deliveries.messages.digest_message import message_id_local_part
from digest.deliveries.pure import return_paths
from digest.editions.store import editions
from digest.feedback.store import feedback
from digest.feedback.unsubscribing import unsubscribe
from digest.subscribers.pure.email_address import address_hash, parse_address
from digest.subscribers.states import ConsentAction, LetterKind
from digest.subscribers.store import letters, subscribers, suppressions
from tests.builders import World
from tests.feedback.conftest import BOUNCES, FeedbackScenario, bounce, complaint

PERSON = (
    b"From: Ann <ann@example.com>\nTo: %s\nSubject: %s\nMessage-ID: <p@example.com>\n%s\nStop it, please.\n"
)


def test_a_hard_bounce_suppresses_the_subscriber_whose_delivery_it_was(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    delivery = scenario.delivery(subscriber)
    outcome = scenario.receive(bounce(scenario.return_path(delivery), "anna@far.example"))
    assert (outcome.kind, outcome.delivery_id, outcome.new, outcome.stopped) == ("bounce", delivery.id, 1, 1)
    assert scenario.reload(subscriber).state == "suppressed"
    (row,) = scenario.feedback_rows(subscriber)
    assert (row.delivery_id, row.severity, row.status, row.reason) == (delivery.id, "hard", "5.1.1", "nouser")
    assert (row.origin, row.domain) == ("mailbox", "far.example")
    with scenario.db.read() as tx:
        suppression_row = suppressions.find_by_hash(
            tx, address_hash(scenario.parts.settings.secret_key, "anna@far.example")
        )
    assert suppression_row
    assert (suppression_row.reason, suppression_row.subscriber_id) == ("bounced", subscriber.id)
    assert "User unknown" in suppression_row.detail


def test_the_return_path_counts_whatever_address_the_bounce_names(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber, other = world.subscriber("anna@far.example"), world.subscriber("ben@far.example")
    delivery = scenario.delivery(subscriber)
    scenario.delivery(other)
    scenario.receive(bounce(scenario.return_path(delivery), "ben@far.example"))
    assert scenario.reload(subscriber).state == "suppressed"
    assert scenario.reload(other).state == "active"


def test_a_forged_bounce_stops_nobody(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber("anna@far.example")
    delivery = scenario.delivery(subscriber)
    forged = scenario.return_path(delivery).replace("b-", "b-1", 1)
    for to in ("digest@example.org", forged, "b-1-2-aaaaaaaaaaaaaaaa@" + BOUNCES):
        assert scenario.receive(bounce(to, "anna@far.example")).subscribers == 0
    assert scenario.reload(subscriber).state == "active"
    assert scenario.feedback_rows(subscriber) == []


def test_a_bounce_without_our_return_path_counts_if_it_returns_our_message_id(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber, other = world.subscriber("anna@far.example"), world.subscriber("ben@far.example")
    delivery = scenario.delivery(subscriber)
    local_part = message_id_local_part(
        scenario.parts.sender,
        delivery.edition_id,
        delivery.planned_at,
        subscriber.public_id,
        subscriber.email,
    )
    header = f"Message-ID: <{local_part}@example.org>"
    assert (
        scenario.receive(bounce("digest@example.org", "ben@far.example", returned_header=header)).subscribers
        == 0
    )
    assert (
        scenario.receive(bounce("digest@example.org", "anna@far.example", returned_header=header)).delivery_id
        == delivery.id
    )
    assert scenario.reload(subscriber).state == "suppressed"
    assert scenario.reload(other).state == "active"


def test_the_same_bounce_again_counts_once(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    path = scenario.return_path(scenario.delivery(subscriber))
    raw = bounce(path, subscriber.email, status="5.2.2", diagnostic="552 5.2.2 mailbox full")
    assert [scenario.receive(raw).new for _ in range(3)] == [1, 0, 0]
    without_id = raw.replace(b"Message-ID: <bounce-1@mx.example.net>\n", b"")
    assert [scenario.receive(without_id).new for _ in range(2)] == [1, 0]
    assert len(scenario.feedback_rows(subscriber)) == 2
    assert scenario.reload(subscriber).state == "active"


def test_soft_bounces_suppress_after_many_days_and_not_before(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    for day in range(3):
        scenario.receive_soft_bounce(subscriber, day)
        scenario.advance(days=1)
    for number in range(5):  # five in one day are one problem
        scenario.receive_soft_bounce(subscriber, 100 + number)
    assert scenario.reload(subscriber).state == "active"
    scenario.advance(days=3)
    scenario.receive_soft_bounce(subscriber, 200)
    assert scenario.reload(subscriber).state == "suppressed"


def test_soft_bounces_of_long_ago_do_not_count(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    for number in range(8):
        scenario.receive_soft_bounce(subscriber, number)
        scenario.advance(days=20)
    assert scenario.reload(subscriber).state == "active"


def test_a_complaint_suppresses_and_unsubscribes(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber("anna@far.example")
    delivery = scenario.delivery(subscriber)
    outcome = scenario.receive(
        complaint("abuse@example.org", f"Return-Path: <{scenario.return_path(delivery)}>")
    )
    assert (outcome.kind, outcome.stopped) == ("complaint", 1)
    reloaded = scenario.reload(subscriber)
    assert (reloaded.state, reloaded.left_at) == ("suppressed", scenario.clock())


def test_a_redacted_complaint_is_identified_by_the_link_to_unsubscribe_and_unsubscribes(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    url = scenario.parts.links.url("unsubscribe", subscriber.public_id, scenario.clock())
    assert scenario.receive(complaint("abuse@example.org", f"List-Unsubscribe: <{url}>")).stopped == 1
    assert scenario.reload(subscriber).state == "unsubscribed"


def test_somebody_with_a_forwarded_digest_can_not_forge_a_bounce_from_its_link(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    scenario.delivery(subscriber)
    url = scenario.parts.links.url("unsubscribe", subscriber.public_id, scenario.clock())
    raw = bounce("digest@example.org", subscriber.email, returned_header=f"List-Unsubscribe: <{url}>")
    assert scenario.receive(raw).stopped == 0
    assert scenario.reload(subscriber).state == "active"


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam"])
def test_a_report_that_is_no_complaint_stops_nobody(
    scenario: FeedbackScenario, world: World, kind: str
) -> None:
    subscriber = world.subscriber()
    raw = complaint(
        "abuse@example.org",
        f"Return-Path: <{scenario.return_path(scenario.delivery(subscriber))}>",
        kind=kind,
    )
    assert scenario.receive(raw).stopped == 0
    assert scenario.reload(subscriber).state == "active"


def test_a_mail_to_the_address_of_list_unsubscribe_unsubscribes(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    to = f"{return_paths.subscriber_local_part(scenario.parts.settings.secret_key, subscriber.public_id)}@{BOUNCES}"
    vacation = PERSON % (to.encode(), b"Out of office", b"Auto-Submitted: auto-replied\n")
    assert scenario.receive(vacation).kind == "autoreply"
    assert scenario.reload(subscriber).state == "active"
    assert scenario.receive(PERSON % (to.upper().encode(), b"unsubscribe", b"")).kind == "unsubscribe"
    assert scenario.reload(subscriber).state == "unsubscribed"
    assert [row.kind for row in scenario.feedback_rows(subscriber)] == ["unsubscribe"]


def test_an_unsubscription_that_can_not_be_recorded_changes_nothing(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    now = scenario.clock()
    with pytest.raises(IntegrityError):
        unsubscribe(scenario.db, subscriber.public_id, origin=None, now=now)  # type: ignore[arg-type]
    assert scenario.reload(subscriber).state == "active"


def test_a_mail_that_only_says_unsubscribe_does_nothing(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber("ann@example.com")
    assert scenario.receive(PERSON % (b"digest@example.org", b"unsubscribe", b"")).kind == "none"
    assert scenario.reload(subscriber).state == "active"


def test_an_automatic_reply_to_a_delivery_does_nothing(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber()
    to = scenario.return_path(scenario.delivery(subscriber)).encode()
    assert scenario.receive(PERSON % (to, b"Out of office", b"")).kind == "autoreply"
    assert scenario.reload(subscriber).state == "active"
    assert scenario.feedback_rows(subscriber) == []


def test_a_bounce_that_names_nobody_is_identified_by_its_return_path(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber()
    to = scenario.return_path(scenario.delivery(subscriber)).encode()
    raw = b"From: MAILER-DAEMON@mx.example\nTo: %s\nSubject: Returned mail\n\nSorry, mailbox full.\n" % to
    assert scenario.receive(raw).new == 1
    assert [(row.severity, row.reason) for row in scenario.feedback_rows(subscriber)] == [
        ("soft", "mailboxfull")
    ]


def test_a_bounce_of_a_letter_counts_for_its_subscriber(scenario: FeedbackScenario, world: World) -> None:
    subscriber = world.subscriber("anna@far.example", state="pending")
    world.confirmation_letter(subscriber)
    with scenario.db.read() as tx:
        letter = letters.of_subscriber(tx, subscriber)[0]
    local = return_paths.letter_local_part(scenario.parts.settings.secret_key, letter.id, letter.created_at)
    assert scenario.receive(bounce(f"{local}@{BOUNCES}", "anna@far.example")).stopped == 1
    assert scenario.reload(subscriber).state == "suppressed"


def test_a_bounce_of_a_letter_to_a_new_address_says_nothing_about_the_old_one(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("anna@far.example")
    subscription = subscribers.subscription_of(subscriber)
    address = parse_address("mistyped@far.example")
    with scenario.db.begin() as tx:
        letters.add(tx, subscriber, LetterKind.ADDRESS, subscription, now=world.clock(), address=address)
    with scenario.db.read() as tx:
        letter = letters.of_subscriber(tx, subscriber)[0]
    local = return_paths.letter_local_part(scenario.parts.settings.secret_key, letter.id, letter.created_at)
    scenario.receive(bounce(f"{local}@{BOUNCES}", "mistyped@far.example"))
    assert scenario.reload(subscriber).state == "active"


def test_what_comes_back_from_an_address_that_was_left_does_not_stop_the_new_one(
    scenario: FeedbackScenario, world: World
) -> None:
    subscriber = world.subscriber("old@far.example")
    delivery = scenario.delivery(subscriber)
    with scenario.db.begin() as tx:
        row = subscribers.by_id(tx, subscriber.id)
        row.email = row.email_key = "new@far.example"
        subscribers.add_consent(tx, row, ConsentAction.MOVED, "", wording="", now=world.clock())
    scenario.receive(bounce(scenario.return_path(delivery), "old@far.example"))
    assert scenario.reload(subscriber).state == "active"


def test_after_a_restored_backup_an_old_return_path_names_nobody_else(
    scenario: FeedbackScenario, world: World
) -> None:
    lost = scenario.delivery(world.subscriber())
    old_path = scenario.return_path(lost)
    with scenario.db.begin() as tx:
        row = feedback.delivery_by_id(tx, lost.id)
        assert row
        tx.delete(row)
        tx.execute(text("delete from sqlite_sequence where name = 'deliveries'"))  # is in the backup too
    scenario.advance(hours=2)
    subscriber = world.subscriber()
    assert scenario.delivery(subscriber).id == lost.id
    assert scenario.receive(bounce(old_path, subscriber.email)).subscribers == 0
    assert scenario.reload(subscriber).state == "active"


def test_many_complaints_pause_the_edition(scenario: FeedbackScenario, world: World) -> None:
    first = scenario.delivery(world.subscriber())
    for number in range(2):
        subscriber = world.subscriber()
        delivery = scenario.delivery(subscriber, edition=first.edition_id)
        scenario.receive(
            complaint("a@example.org", f"Return-Path: <{scenario.return_path(delivery)}>", tag=str(number))
        )
    with scenario.db.read() as tx:
        assert editions.by_id(tx, first.edition_id).state == "sending"
    scenario.receive(complaint("a@example.org", f"Return-Path: <{scenario.return_path(first)}>", tag="last"))
    with scenario.db.read() as tx:
        assert editions.by_id(tx, first.edition_id).state == "paused"

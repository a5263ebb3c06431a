"""Managers add a subscriber and change an address: always confirmed by a letter, and refused with the reason."""

from digest.parts import Parts
from digest.subscribers import lifecycle, offers
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import LetterState, SuppressionReason
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.suppressions import SuppressionCause
from tests.admin.test_subscriber_choices import CHOICES, CHOSEN, last_entry
from tests.builders import World
from tests.web.browser_session import BrowserSession

NEW = "/admin/subscribers/new"


def suppress(parts: Parts, email: str) -> None:
    cause = SuppressionCause(SuppressionReason.COMPLAINED)
    secret = parts.settings.secret_key
    lifecycle.suppress_address(parts.db, parse_address(email), cause, secret=secret, now=parts.clock())


def test_a_subscriber_is_added_by_a_letter_that_they_confirm(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    assert NEW in manager.get_page("/admin/subscribers")
    page = manager.follow(manager.post(NEW, CHOICES | {"email": "nino@example.com"}, form_page=NEW))
    assert "A mail asks nino@example.com to confirm" in page
    with parts.db.read() as tx:
        row = store.find_by_address(tx, parse_address("nino@example.com"))
        assert row
        assert row.state == "pending"
        assert [consent.origin for consent in store.consents(tx, row)] == ["newsroom"]
        [letter] = letters.of_subscriber(tx, row)
    entry = last_entry(parts, "subscriber asked")
    assert entry.target == f"subscriber {row.id}"
    secret = parts.settings.secret_key
    lifecycle.confirm(parts.db, letter.public_id, origin="", wording="", secret=secret, now=world.clock())
    with parts.db.read() as tx:
        row = store.by_id(tx, row.id)
        assert (row.state, store.subscription_of(row)) == ("active", CHOSEN)


def test_who_can_not_be_added_is_named_with_the_mend(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    known = world.subscriber("karin@example.com")
    suppress(parts, "angry@example.com")
    for email, reason, mend in (
        (
            "angry@example.com",
            "This address is suppressed",
            "/admin/suppressions/lift?email=angry@example.com",
        ),
        ("KARIN@example.com", "already", f"/admin/subscribers/{known.id}"),
    ):
        answer = manager.post(NEW, CHOICES | {"email": email}, form_page=NEW)
        assert answer.status_code == 422
        assert reason in answer.text
        assert f'href="{mend}"' in answer.text
        assert f'value="{email}"' in answer.text
        assert 'value="kz" checked' in answer.text
    with parts.db.read() as tx:
        assert letters.of_subscriber(tx, known) == []


def test_an_address_changes_once_its_new_mailbox_confirms(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    row = world.subscriber("old@example.com")
    page, path = f"/admin/subscribers/{row.id}", f"/admin/subscribers/{row.id}/address"
    assert path in manager.get_page(page)
    shown = manager.follow(manager.post(path, {"email": "new@example.com"}, form_page=path))
    assert "Until then digests go to the old address" in shown
    assert "New address, not confirmed yet" in shown
    with parts.db.read() as tx:
        [letter] = letters.of_subscriber(tx, row)
        assert (letter.kind, letter.address) == ("address", "new@example.com")
        assert store.by_id(tx, row.id).email == "old@example.com"
    secret = parts.settings.secret_key
    offers.move(parts.db, letter.public_id, secret=secret, origin="", now=world.clock())
    shown = manager.get_page(page)
    assert "new@example.com</h1>" in shown
    assert "not confirmed yet" not in shown
    assert "example.com" not in last_entry(parts, "new address asked").target


def test_an_address_that_can_not_be_moved_to_is_refused_with_the_reason(
    manager: BrowserSession, world: World, parts: Parts
) -> None:
    row, gone = (
        world.subscriber("old@example.com"),
        world.subscriber("gone@example.com", state="unsubscribed"),
    )
    world.subscriber("karin@example.com")
    suppress(parts, "angry@example.com")
    for subscriber, email, reason, help_at in (
        (row, "OLD@example.com", "their address already", ""),
        (row, "karin@example.com", "There is a subscriber with this address", 'subscribers/3">Open'),
        (row, "angry@example.com", "This address is suppressed", 'email=angry@example.com">See why'),
        (gone, "new@example.com", "Only who gets digests", ""),
    ):
        path = f"/admin/subscribers/{subscriber.id}/address"
        answer = manager.post(path, {"email": email}, form_page=path)
        assert (answer.status_code, reason in answer.text) == (422, True)
        assert help_at in answer.text
    assert path not in manager.get_page(f"/admin/subscribers/{gone.id}")
    with parts.db.read() as tx:
        assert letters.of_subscriber(tx, row) == []


def test_a_lost_letter_is_no_pending_move(manager: BrowserSession, world: World, parts: Parts) -> None:
    row = world.subscriber("old@example.com")
    path = f"/admin/subscribers/{row.id}/address"
    manager.post(path, {"email": "new@example.com"}, form_page=path)
    with parts.db.begin() as tx:
        [letter] = letters.of_subscriber(tx, row)
        letter.state = LetterState.REFUSED
    assert "not confirmed yet" not in manager.get_page(f"/admin/subscribers/{row.id}")

"""The pages about webhooks: for admins; adding, the log of attempts, posting again, disabling, removing."""

import re
from datetime import timedelta

from flask import Flask

from digest.parts import Parts
from digest.webhooks import recording, store
from digest.webhooks.posting import PostAnswer
from digest.webhooks.sending import WebhookSender
from digest.webhooks.states import EventType
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession, sign_in_as

URL = "https://crm.example.org/dateline"
PAGE, ONE = "/admin/webhooks", "/admin/webhooks/1"


def add(admin: BrowserSession, **events: str) -> str:
    """Add a webhook; returns the page with its secret."""
    answer = admin.post(PAGE, {"url": URL, **events}, form_page=PAGE)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.text


def send(parts: Parts, *answers: PostAnswer) -> None:
    """Record an event and post it once for each answer."""
    now = parts.clock()
    with parts.db.begin() as tx:
        recording.record(tx, EventType.SUBSCRIBER_JOINED, now, subscriber=7)
    clock = StoppedClock(now)
    coming = iter(answers)
    sender = WebhookSender(parts.db, parts.settings.secret_key, lambda *_: next(coming), clock)
    for _ in answers:
        sender._send(_next(parts))
        clock.advance(hours=1)


def _next(parts: Parts) -> store.DueMessage:
    with parts.db.begin() as tx:
        (due,) = store.claim_due(tx, parts.clock() + timedelta(days=1), lease=timedelta(0), limit=1)
        return due


def test_a_webhook_is_added_with_its_events_and_its_secret_is_shown_once(
    admin: BrowserSession, parts: Parts
) -> None:
    secret = re.search(r"<code>(whsec_[^<]+)</code>", add(admin, subscriber_left="y", edition_sent="y"))
    assert secret
    with parts.db.read() as tx:
        (endpoint,) = store.list_endpoints(tx)
    assert endpoint.events == ["subscriber.left", "edition.sent"]
    for page in (PAGE, ONE):
        assert URL in admin.get_page(page)
        assert secret[1] not in admin.get_page(page)
    again = admin.post(PAGE, {"url": URL}, form_page=PAGE)
    assert again.status_code == 422
    assert "is a webhook already" in again.text


def test_addresses_that_are_never_posted_to_are_refused(admin: BrowserSession) -> None:
    for url, words in (
        ("", "Enter an address."),
        ("ftp://crm.example.org/", "can&#39;t be a webhook"),
        ("x", "can&#39;t be"),
    ):
        answer = admin.post(PAGE, {"url": url}, form_page=PAGE)
        assert answer.status_code == 422
        assert words in answer.text
    assert "There are no webhooks yet." in admin.get_page(PAGE)


def test_every_attempt_is_listed_and_a_message_is_posted_again(admin: BrowserSession, parts: Parts) -> None:
    add(admin)
    assert "Nothing has happened yet" in admin.get_page(ONE)
    send(parts, PostAnswer(503, "it answered 503"), PostAnswer(204, ""))
    page = admin.get_page(ONE)
    assert "subscriber.joined" in page
    assert "it answered 503" in page
    assert "taken" in page
    with parts.db.read() as tx:
        (message,), _total = store.messages_of(tx, 1, page=1)
    answer = admin.post(f"{ONE}/replay", {"message": message.public_id}, form_page=ONE)
    assert "will be posted again" in admin.follow(answer)
    assert _next(parts).message.public_id == message.public_id
    answer = admin.post(f"{ONE}/replay", {"message": "msg_x"}, form_page=ONE)
    assert "There is no message msg_x" in admin.follow(answer)


def test_a_webhook_is_disabled_enabled_and_removed_after_a_question(
    admin: BrowserSession, parts: Parts
) -> None:
    add(admin)
    admin.post(f"{ONE}/state", {"state": "disabled"}, form_page=ONE)
    assert "disabled" in admin.get_page(PAGE)
    send(parts)  # nothing is recorded for it
    admin.post(f"{ONE}/state", {"state": "active"}, form_page=ONE)
    assert "Nothing has happened yet" in admin.get_page(ONE)
    assert f"Remove the webhook {URL}?" in admin.get_page(f"{ONE}/remove")
    answer = admin.post(f"{ONE}/remove", form_page=f"{ONE}/remove")
    assert "is removed" in admin.follow(answer)
    assert admin.get(ONE).status_code == 404
    trail = admin.get_page("/admin/audit")
    for action in ("webhook added", "webhook disabled", "webhook enabled", "webhook removed"):
        assert action in trail


def test_managers_see_no_webhooks(app: Flask) -> None:
    manager = sign_in_as(app, "manager")
    assert manager.get(PAGE).status_code == 403
    assert PAGE not in manager.get_page("/admin/")

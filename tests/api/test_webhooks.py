"""Webhooks of mail providers: signed with keys of our own, forged, outdated and repeated."""

import base64
import json
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from digest.deliveries.messages.digest_message import message_id_local_part
from digest.feedback.pure import provider_events
from digest.feedback.pure.signatures import (
    ForgedRequestError,
    sns_certificate_url,
    sns_subscribe_url,
)
from tests.api.signed_requests import (
    LOGIN,
    TIMESTAMP,
    TOPIC,
    PostToWebhook,
    generic_headers,
    mailgun_body,
    sendgrid_headers,
)
from tests.builders import World
from tests.feedback.conftest import FeedbackScenario, bounce


def test_each_event_of_a_sendgrid_batch_is_processed(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    dead, left, blocked = (world.subscriber(f"{name}@far.example") for name in ("dead", "left", "blocked"))
    for subscriber in (dead, left, blocked):
        scenario.delivery(subscriber)
    bounce_event = {"event": "bounce", "type": "bounce"}
    events = [
        bounce_event
        | {"email": dead.email, "reason": "550 5.1.1 no such user", "status": "5.1.1", "sg_event_id": "1"},
        {"event": "spamreport", "email": left.email, "sg_event_id": "2"},
        bounce_event
        | {"type": "blocked", "email": blocked.email, "reason": "554 on a list", "sg_event_id": "3"},
        {"event": "open", "email": dead.email, "sg_event_id": "4"},
    ]
    body = json.dumps(events).encode()
    assert post_webhook("sendgrid", body, sendgrid_headers(body)).json == {"taken": 3, "new": 3, "unread": 0}
    assert post_webhook("sendgrid", body, sendgrid_headers(body)).json == {"taken": 3, "new": 0, "unread": 0}
    assert [scenario.reload(subscriber).state for subscriber in (dead, left, blocked)] == [
        "suppressed",
        "suppressed",
        "active",
    ]
    assert post_webhook("sendgrid", body + b" ", sendgrid_headers(body)).status_code == 403
    assert (
        post_webhook("sendgrid", body, sendgrid_headers(body, str(int(TIMESTAMP) - 9 * 86400))).status_code
        == 403
    )
    assert post_webhook("sendgrid", body).status_code == 403


def test_an_event_from_mailgun_is_matched_to_its_delivery_by_message_id(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    subscriber = world.subscriber("anna@far.example")
    delivery = scenario.delivery(subscriber)
    local_part = message_id_local_part(
        scenario.parts.sender,
        delivery.edition_id,
        delivery.planned_at,
        subscriber.public_id,
        subscriber.email,
    )
    event = {
        "event": "failed",
        "severity": "permanent",
        "recipient": subscriber.email,
        "id": "e1",
        "delivery-status": {"code": 550, "message": "5.1.1 user unknown"},
        "message": {"headers": {"message-id": f"{local_part}@example.org"}},
    }
    assert post_webhook("mailgun", mailgun_body(event)).json == {"taken": 1, "new": 1, "unread": 0}
    assert scenario.feedback_rows(subscriber)[0].delivery_id == delivery.id
    assert post_webhook("mailgun", mailgun_body(event).replace(b'"token"', b'"other"', 2)).status_code in (
        400,
        403,
    )
    assert post_webhook("mailgun", mailgun_body(event, str(int(TIMESTAMP) + 3600))).status_code == 403


def test_an_event_from_postmark_is_accepted_with_its_password(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    unknown_user, full = world.subscriber("anna@far.example"), world.subscriber("full@far.example")
    for subscriber in (unknown_user, full):
        scenario.delivery(subscriber)
    login = {"Authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode()}
    event = {
        "RecordType": "Bounce",
        "ID": 1,
        "Type": "HardBounce",
        "Email": unknown_user.email,
        "Details": "x",
        "Description": "y",
    }
    assert (
        post_webhook("postmark", json.dumps(event).encode(), {"Authorization": "Basic eA=="}).status_code
        == 403
    )
    assert post_webhook("postmark", json.dumps(event).encode(), login).json == {
        "taken": 1,
        "new": 1,
        "unread": 0,
    }
    assert scenario.reload(unknown_user).state == "suppressed"
    # Postmark calls it hard, but its text is that of a soft bounce.
    soft_bounce = event | {"ID": 2, "Email": full.email, "Details": "552 mailbox full"}
    assert post_webhook("postmark", json.dumps(soft_bounce).encode(), login).json == {
        "taken": 1,
        "new": 1,
        "unread": 0,
    }
    assert scenario.reload(full).state == "active"


def test_an_unsubscription_at_postmark_is_not_recorded_as_a_spam_report() -> None:
    event = {"RecordType": "SubscriptionChange", "Recipient": "anna@far.example", "SuppressSending": True}
    [left] = provider_events.parse_postmark(event | {"SuppressionReason": "ManualSuppression"})
    [complained] = provider_events.parse_postmark(event | {"SuppressionReason": "SpamComplaint"})
    assert (left.kind, left.recipients[0].reason) == ("unsubscribe", "")
    assert (complained.kind, complained.recipients[0].reason) == ("complaint", "abuse")


def test_our_own_format_accepts_events_and_whole_mails(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    bounced, left, complained = (
        world.subscriber("one@far.example"),
        world.subscriber("two@far.example"),
        world.subscriber("three@far.example"),
    )
    scenario.delivery(bounced)
    scenario.delivery(left)
    events = [
        {"id": "1", "kind": "bounce", "address": bounced.email, "permanent": True},
        {"id": "2", "kind": "unsubscribe", "address": left.email},
        {"id": "3", "kind": "complaint", "address": complained.email},  # nothing was sent to this address
    ]
    body = json.dumps({"events": events}).encode()
    assert post_webhook("generic", body, generic_headers(body)).json == {"taken": 3, "new": 2, "unread": 0}
    assert [scenario.reload(subscriber).state for subscriber in (bounced, left, complained)] == [
        "suppressed",
        "unsubscribed",
        "active",
    ]
    mail = bounce(scenario.return_path(scenario.delivery(complained)), complained.email)
    assert (
        post_webhook("generic", mail, generic_headers(mail), content_type="message/rfc822").status_code == 200
    )
    assert scenario.reload(complained).state == "suppressed"
    old_timestamp = str(int(TIMESTAMP) - 600)
    assert post_webhook("generic", body, generic_headers(body, old_timestamp)).status_code == 403
    assert (
        post_webhook(
            "generic", body, generic_headers(body) | {"X-Dateline-Timestamp": str(int(TIMESTAMP) + 1)}
        ).status_code
        == 403
    )


def test_feedback_on_an_address_without_recent_deliveries_changes_nothing(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.delivery(subscriber)
    scenario.advance(days=40)
    timestamp = str(int(scenario.clock().timestamp()))
    body = json.dumps({"events": [{"id": "1", "kind": "complaint", "address": subscriber.email}]}).encode()
    assert post_webhook("generic", body, generic_headers(body, timestamp)).json == {
        "taken": 1,
        "new": 0,
        "unread": 0,
    }
    assert scenario.reload(subscriber).state == "active"


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"{}", b'{"events": {"id": "1"}}', b"[" * 100_000])
def test_a_body_without_events_is_refused_with_an_error(post_webhook: PostToWebhook, body: bytes) -> None:
    response = post_webhook("generic", body, generic_headers(body))
    assert (response.status_code, "error" in (response.json or {})) == (400, True)


def test_signed_fields_of_the_wrong_type_are_refused(post_webhook: PostToWebhook) -> None:
    wrong_values: list[object] = [[], {}, None, "\ud800"]
    for topic in wrong_values:
        assert post_webhook("ses", json.dumps({"TopicArn": topic}).encode()).status_code == 403
    for token in wrong_values:
        signature = {"timestamp": TIMESTAMP, "token": token, "signature": token}
        body = json.dumps({"signature": signature, "event-data": {}}).encode()
        assert post_webhook("mailgun", body).status_code == 403


def test_null_characters_and_lone_surrogates_do_not_reach_the_database(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.delivery(subscriber)
    event = {"id": "\ud800\0", "kind": "bounce", "address": subscriber.email, "text": "\0\ud800 no"}
    body = json.dumps({"events": [event]}).encode()
    assert post_webhook("generic", body, generic_headers(body)).json == {"taken": 1, "new": 1, "unread": 0}


def test_a_body_that_is_too_long_is_refused_before_it_is_read(post_webhook: PostToWebhook) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert post_webhook("generic", body, generic_headers(body)).status_code == 413


def test_a_chunked_body_that_is_too_long_is_not_read_to_its_end(
    app: Flask, post_webhook: PostToWebhook
) -> None:
    body = b'{"events": []' + b" " * 1024 * 1024 + b"}"
    response = app.test_client().post(
        "/api/feedback/generic",
        input_stream=BytesIO(body),
        headers=generic_headers(body),
        base_url="https://news.example.org",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert response.status_code == 403  # the signature is that of the whole body


@pytest.mark.parametrize("provider", ["ses", "postmark", "sendgrid", "mailgun", "generic"])
def test_the_webhook_of_a_provider_that_is_not_configured_is_not_found(app: Flask, provider: str) -> None:
    response = app.test_client().post(
        f"/api/feedback/{provider}", data=b"{}", base_url="https://news.example.org"
    )
    assert response.status_code == 404


HOSTILE: list[object] = [None, 1, [], {}, "x" * 9_000, {"a": {"b": [1]}}, "\0\ud800"]


@pytest.mark.parametrize(
    "parse_event",
    [
        provider_events.parse_ses,
        provider_events.parse_postmark,
        provider_events.parse_sendgrid,
        provider_events.parse_mailgun,
    ],
)
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_malformed_events_yield_only_known_kinds_and_raise_nothing(
    parse_event: Callable[[dict[str, Any]], Any], value: object
) -> None:
    names = ("notificationType", "mail", "bounce", "complaint", "RecordType", "Email", "event", "email", "recipient",
             "delivery-status", "message", "severity", "ID", "Type")  # fmt: skip
    for kind in ("Bounce", "Complaint", "SpamComplaint", "bounce", "failed", "complained", value):
        event = dict.fromkeys(names, value) | {"notificationType": kind, "RecordType": kind, "event": kind}
        assert all(item.kind in ("bounce", "complaint", "unsubscribe") for item in parse_event(event))


def test_urls_of_amazon_are_checked_strictly_and_fast() -> None:
    started = time.process_time()
    for bad_url in (
        "",
        "https://sns.x.amazonaws.com\\@evil.example/",
        "javascript:1",
        "https://" + "a." * 50_000,
        5,
        None,
    ):
        with pytest.raises(ForgedRequestError):
            sns_certificate_url({"SigningCertURL": bad_url})
        with pytest.raises(ForgedRequestError):
            sns_subscribe_url({"SubscribeURL": bad_url, "TopicArn": TOPIC})
    assert time.process_time() - started < 1

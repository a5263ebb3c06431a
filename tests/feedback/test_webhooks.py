"""Webhooks of mail providers: signed by keys of our own making, as theirs are; forged, stale and repeated ones."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from flask import Flask
from werkzeug.test import TestResponse

from digest.deliveries.messages.digest_message import message_identity
from digest.feedback.pure import provider_events
from digest.feedback.pure.signatures import ForgedError, check_sns, sns_certificate_url, sns_subscribe_url
from digest.parts import KEY
from digest.sources.http.body import Body
from digest.sources.http.fetch import Fetched, Validators
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import NOON
from tests.feedback.conftest import Post, bounce

SECRET = "a secret of our own programs, long"
LOGIN = "postmark:a long enough password"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
STAMP = str(int(NOON.timestamp()))
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(RSA_KEY.public_key())
    dated = (
        builder.serial_number(1)
        .not_valid_before(NOON - timedelta(days=9))
        .not_valid_after(NOON + timedelta(days=9))
    )
    return dated.sign(RSA_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Amazon:
    """Stands for the fetcher: has the certificate, and notes which subscriptions were confirmed."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        body = Body()
        body.add(certificate() if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")
        return Fetched(url, 200, "text/plain", body, Validators())


@pytest.fixture
def amazon(app: Flask) -> Amazon:
    """The application with all webhooks set up."""
    parts, made = app.extensions[KEY], Amazon()
    public = EC_KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    settings = replace(
        parts.settings,
        webhook_secret=SECRET,
        postmark_login=LOGIN,
        sendgrid_key=base64.b64encode(public).decode(),
        mailgun_key="key-mailgun",
        ses_topics=frozenset([TOPIC]),
    )
    reader = replace(parts.reader, fetcher=made)
    app.extensions[KEY] = replace(parts, settings=settings, reader=reader)
    return made


Ask = Callable[..., TestResponse]


@pytest.fixture
def ask(app: Flask, amazon: Amazon) -> Ask:
    def post(provider: str, body: bytes, headers: dict[str, str] | None = None, **more: Any) -> TestResponse:
        return app.test_client().post(
            f"/api/feedback/{provider}",
            data=body,
            headers=headers,
            base_url="https://news.example.org",
            **more,
        )

    return post


def generic(body: bytes, stamp: str = STAMP) -> dict[str, str]:
    code = hmac.new(SECRET.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Dateline-Timestamp": stamp, "X-Dateline-Signature": f"sha256={code}"}


def sendgrid(body: bytes, stamp: str = STAMP) -> dict[str, str]:
    signature = EC_KEY.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
    }


def mailgun(event: dict[str, Any], stamp: str = STAMP) -> bytes:
    code = hmac.new(b"key-mailgun", f"{stamp}token".encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": stamp, "token": "token", "signature": code}
    return json.dumps({"signature": signature, "event-data": event}).encode()


def sns(message: dict[str, Any] | None, **changes: str) -> dict[str, str]:
    told = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": json.dumps(message or {}),
        "Timestamp": NOON.isoformat().replace("+00:00", "Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    } | changes
    kinds = {"Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")}
    other = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    text = "".join(f"{name}\n{told[name]}\n" for name in kinds.get(told["Type"], other) if name in told)
    digest = hashes.SHA256() if told["SignatureVersion"] == "2" else hashes.SHA1()  # noqa: S303
    told.setdefault(
        "Signature", base64.b64encode(RSA_KEY.sign(text.encode(), padding.PKCS1v15(), digest)).decode()
    )
    return told


def ses_bounce(post: Post, reader: Subscriber) -> dict[str, Any]:
    return {
        "notificationType": "Bounce",
        "mail": {"source": post.return_path(post.delivery(reader)), "messageId": "s-1"},
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "feedbackId": "f-1",
            "bouncedRecipients": [
                {
                    "emailAddress": reader.email,
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ],
        },
    }


@pytest.mark.parametrize("version", ["1", "2"])
def test_amazon_ses_is_taken_with_either_signature(post: Post, world: World, ask: Ask, version: str) -> None:
    reader = world.reader("anna@far.example")
    body = json.dumps(sns(ses_bounce(post, reader), SignatureVersion=version)).encode()
    answers = [ask("ses", body) for _ in range(2)]
    assert [(answer.status_code, answer.json["new"]) for answer in answers if answer.json] == [
        (200, 1),
        (200, 0),
    ]
    assert post.reader(reader).state == "suppressed"
    assert post.rows(reader)[0].origin == "ses"


def test_a_subscription_is_confirmed_for_our_topic_alone(ask: Ask, amazon: Amazon) -> None:
    url = f"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=t"
    told = sns(None, Type="SubscriptionConfirmation", SubscribeURL=url, Token="t")
    assert ask("ses", json.dumps(told).encode()).status_code == 200
    assert amazon.asked[-1] == url
    foreign = sns(None, TopicArn=TOPIC + "2", Type="SubscriptionConfirmation", SubscribeURL=url, Token="t")
    assert ask("ses", json.dumps(foreign).encode()).status_code == 403
    evil = "https://evil.example/?Action=ConfirmSubscription"
    elsewhere = sns(None, Type="SubscriptionConfirmation", SubscribeURL=evil, Token="t")
    assert ask("ses", json.dumps(elsewhere).encode()).status_code == 403
    assert "evil" not in " ".join(amazon.asked)


@pytest.mark.parametrize(
    "changes",
    [
        {"Signature": "AAAA"},
        {"Signature": "not base64"},
        {"SigningCertURL": "https://evil.example/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "http://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"},
        {
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com.evil.example/SimpleNotificationService-1.pem"
        },
        {
            "SigningCertURL": "https://sns.eu-west-1.amazonaws.com@evil.example/SimpleNotificationService-1.pem"
        },
        {"SigningCertURL": "https://evil.s3.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": "https://sns.s3-us-west-2.amazonaws.com/SimpleNotificationService-1.pem"},
        {"SigningCertURL": CERTIFICATE + "?x=https://evil.example"},
        {"Timestamp": "2025-01-01T00:00:00Z"},
        {"Type": "Nonsense"},
    ],
)
def test_a_forged_notification_of_amazon_is_refused(
    post: Post, world: World, ask: Ask, changes: dict[str, str]
) -> None:
    reader = world.reader()
    assert ask("ses", json.dumps(sns(ses_bounce(post, reader), **changes)).encode()).status_code == 403
    assert post.reader(reader).state == "active"


def test_a_notification_that_was_changed_is_refused(post: Post, world: World, ask: Ask) -> None:
    told = sns(ses_bounce(post, world.reader()))
    told["Message"] = told["Message"].replace("550", "551")
    assert ask("ses", json.dumps(told).encode()).status_code == 403


def test_an_expired_certificate_is_refused() -> None:
    with pytest.raises(ForgedError, match="not valid"):
        check_sns(sns({}, Timestamp="2026-04-01T00:00:00Z"), certificate(), datetime(2026, 4, 1, tzinfo=UTC))


def test_sendgrids_batches_are_taken_event_by_event(post: Post, world: World, ask: Ask) -> None:
    dead, left, blocked = (world.reader(f"{name}@far.example") for name in ("dead", "left", "blocked"))
    for reader in (dead, left, blocked):
        post.delivery(reader)
    common = {"event": "bounce", "type": "bounce"}
    events = [
        common
        | {"email": dead.email, "reason": "550 5.1.1 no such user", "status": "5.1.1", "sg_event_id": "1"},
        {"event": "spamreport", "email": left.email, "sg_event_id": "2"},
        common | {"type": "blocked", "email": blocked.email, "reason": "554 on a list", "sg_event_id": "3"},
        {"event": "open", "email": dead.email, "sg_event_id": "4"},
    ]
    body = json.dumps(events).encode()
    assert ask("sendgrid", body, sendgrid(body)).json == {"taken": 3, "new": 3}
    assert ask("sendgrid", body, sendgrid(body)).json == {"taken": 3, "new": 0}
    assert [post.reader(one).state for one in (dead, left, blocked)] == ["suppressed", "suppressed", "active"]
    assert ask("sendgrid", body + b" ", sendgrid(body)).status_code == 403
    assert ask("sendgrid", body, sendgrid(body, str(int(STAMP) - 9 * 86400))).status_code == 403
    assert ask("sendgrid", body).status_code == 403


def test_mailgun_is_taken_and_known_by_the_message_id(post: Post, world: World, ask: Ask) -> None:
    reader = world.reader("anna@far.example")
    sent = post.delivery(reader)
    own = message_identity(
        post.parts.sender, sent.edition_id, sent.planned_at, reader.public_id, reader.email
    )
    event = {
        "event": "failed",
        "severity": "permanent",
        "recipient": reader.email,
        "id": "e1",
        "delivery-status": {"code": 550, "message": "5.1.1 user unknown"},
        "message": {"headers": {"message-id": f"{own}@example.org"}},
    }
    assert ask("mailgun", mailgun(event)).json == {"taken": 1, "new": 1}
    assert post.rows(reader)[0].delivery_id == sent.id
    assert ask("mailgun", mailgun(event).replace(b'"token"', b'"other"', 2)).status_code in (400, 403)
    assert ask("mailgun", mailgun(event, str(int(STAMP) + 3600))).status_code == 403


def test_postmark_is_taken_with_its_password(post: Post, world: World, ask: Ask) -> None:
    reader, full = world.reader("anna@far.example"), world.reader("full@far.example")
    for one in (reader, full):
        post.delivery(one)
    login = {"Authorization": "Basic " + base64.b64encode(LOGIN.encode()).decode()}
    event = {
        "RecordType": "Bounce",
        "ID": 1,
        "Type": "HardBounce",
        "Email": reader.email,
        "Details": "x",
        "Description": "y",
    }
    assert ask("postmark", json.dumps(event).encode(), {"Authorization": "Basic eA=="}).status_code == 403
    assert ask("postmark", json.dumps(event).encode(), login).json == {"taken": 1, "new": 1}
    assert post.reader(reader).state == "suppressed"
    softly = event | {
        "ID": 2,
        "Email": full.email,
        "Details": "552 mailbox full",
    }  # said to be hard, and is not
    assert ask("postmark", json.dumps(softly).encode(), login).json == {"taken": 1, "new": 1}
    assert post.reader(full).state == "active"


def test_our_own_form_takes_events_and_whole_mails(post: Post, world: World, ask: Ask) -> None:
    one, two, three = (
        world.reader("one@far.example"),
        world.reader("two@far.example"),
        world.reader("three@far.example"),
    )
    post.delivery(one)
    post.delivery(two)
    events = [
        {"id": "1", "kind": "bounce", "address": one.email, "permanent": True},
        {"id": "2", "kind": "unsubscribe", "address": two.email},
        {"id": "3", "kind": "complaint", "address": three.email},  # to whom nothing was sent
    ]
    body = json.dumps({"events": events}).encode()
    assert ask("generic", body, generic(body)).json == {"taken": 3, "new": 2}
    assert [post.reader(reader).state for reader in (one, two, three)] == [
        "suppressed",
        "unsubscribed",
        "active",
    ]
    mail = bounce(post.return_path(post.delivery(three)), three.email)
    assert ask("generic", mail, generic(mail), content_type="message/rfc822").status_code == 200
    assert post.reader(three).state == "suppressed"
    stale = str(int(STAMP) - 600)
    assert ask("generic", body, generic(body, stale)).status_code == 403
    assert (
        ask("generic", body, generic(body) | {"X-Dateline-Timestamp": str(int(STAMP) + 1)}).status_code == 403
    )


def test_an_address_that_we_sent_nothing_to_lately_is_not_acted_on(
    post: Post, world: World, ask: Ask
) -> None:
    reader = world.reader("anna@far.example")
    post.delivery(reader)
    post.forward(days=40)
    stamp = str(int(post.clock().timestamp()))
    body = json.dumps({"events": [{"id": "1", "kind": "complaint", "address": reader.email}]}).encode()
    assert ask("generic", body, generic(body, stamp)).json == {"taken": 1, "new": 0}
    assert post.reader(reader).state == "active"


@pytest.mark.parametrize(
    "body", [b"", b"no", b"[]", b"{}", b'{"events": [1]}', b'{"events": [{"id": "1"}]}', b"[" * 100_000]
)
def test_what_is_no_event_is_refused_in_words(ask: Ask, body: bytes) -> None:
    answer = ask("generic", body, generic(body))
    assert (answer.status_code, "error" in (answer.json or {})) == (400, True)


def test_signed_fields_of_the_wrong_kind_are_refused(ask: Ask) -> None:
    wrong: list[object] = [[], {}, None, "\ud800"]
    for topic in wrong:
        assert ask("ses", json.dumps({"TopicArn": topic}).encode()).status_code == 403
    for token in wrong:
        signature = {"timestamp": STAMP, "token": token, "signature": token}
        body = json.dumps({"signature": signature, "event-data": {}}).encode()
        assert ask("mailgun", body).status_code == 403


def test_zeros_and_half_letters_reach_no_database(post: Post, world: World, ask: Ask) -> None:
    reader = world.reader("anna@far.example")
    post.delivery(reader)
    event = {"id": "\ud800\0", "kind": "bounce", "address": reader.email, "text": "\0\ud800 no"}
    body = json.dumps({"events": [event]}).encode()
    assert ask("generic", body, generic(body)).json == {"taken": 1, "new": 1}


def test_too_much_is_refused_before_it_is_read(ask: Ask) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert ask("generic", body, generic(body)).status_code == 413


def test_too_much_in_chunks_is_not_read_to_its_end(app: Flask, ask: Ask) -> None:
    body = b'{"events": []' + b" " * 1024 * 1024 + b"}"
    answer = app.test_client().post(
        "/api/feedback/generic",
        input_stream=BytesIO(body),
        headers=generic(body),
        base_url="https://news.example.org",
        environ_overrides={"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
    )
    assert answer.status_code == 403  # what was read of it is not what was signed


@pytest.mark.parametrize("provider", ["ses", "postmark", "sendgrid", "mailgun", "generic"])
def test_a_provider_that_is_not_set_up_is_not_there(app: Flask, provider: str) -> None:
    answer = app.test_client().post(
        f"/api/feedback/{provider}", data=b"{}", base_url="https://news.example.org"
    )
    assert answer.status_code == 404


HOSTILE: list[object] = [None, 1, [], {}, "x" * 9_000, {"a": {"b": [1]}}, "\0\ud800"]


@pytest.mark.parametrize(
    "reader",
    [provider_events.ses, provider_events.postmark, provider_events.sendgrid, provider_events.mailgun],
)
@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_events_of_the_wrong_form_mean_nothing(
    reader: Callable[[dict[str, Any]], Any], value: object
) -> None:
    names = ("notificationType", "mail", "bounce", "complaint", "RecordType", "Email", "event", "email", "recipient",
             "delivery-status", "message", "severity", "ID", "Type")  # fmt: skip
    for kind in ("Bounce", "Complaint", "SpamComplaint", "bounce", "failed", "complained", value):
        event = dict.fromkeys(names, value) | {"notificationType": kind, "RecordType": kind, "event": kind}
        assert all(one.kind in ("bounce", "complaint", "unsubscribe") for one in reader(event))


def test_addresses_of_amazon_are_read_strictly_and_fast() -> None:
    started = time.process_time()
    for bad in (
        "",
        "https://sns.x.amazonaws.com\\@evil.example/",
        "javascript:1",
        "https://" + "a." * 50_000,
        5,
        None,
    ):
        with pytest.raises(ForgedError):
            sns_certificate_url({"SigningCertURL": bad})
        with pytest.raises(ForgedError):
            sns_subscribe_url({"SubscribeURL": bad, "TopicArn": TOPIC})
    assert time.process_time() - started < 1

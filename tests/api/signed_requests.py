"""Requests as mail providers post them, signed with keys of our own."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID
from werkzeug.test import TestResponse

from digest.sources.http.body import SpooledBody
from digest.sources.http.fetch import Fetched, Validators
from digest.subscribers.models import Subscriber
from tests.conftest import NOON
from tests.feedback.conftest import FeedbackScenario

SECRET = "a secret of our own programs, long"
LOGIN = "postmark:a long enough password"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
TIMESTAMP = str(int(NOON.timestamp()))
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(RSA_KEY.public_key())
    with_validity = (
        builder.serial_number(1)
        .not_valid_before(NOON - timedelta(days=9))
        .not_valid_after(NOON + timedelta(days=9))
    )
    return with_validity.sign(RSA_KEY, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class AmazonFetcher:
    """A fetcher that serves the certificate and records the URLs that were fetched."""

    def __init__(self) -> None:
        self.fetched_urls: list[str] = []

    def fetch(self, url: str) -> Fetched:
        self.fetched_urls.append(url)
        body = SpooledBody()
        body.add(certificate() if url.endswith(".pem") else b"<ConfirmSubscriptionResponse/>")
        return Fetched(url, 200, "text/plain", body, Validators())


PostToWebhook = Callable[..., TestResponse]


def generic_headers(body: bytes, timestamp: str = TIMESTAMP) -> dict[str, str]:
    """The headers that sign `body` in our own format."""
    signature = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-Dateline-Timestamp": timestamp, "X-Dateline-Signature": f"sha256={signature}"}


def sendgrid_headers(body: bytes, timestamp: str = TIMESTAMP) -> dict[str, str]:
    """The headers with which SendGrid signs `body`."""
    signature = EC_KEY.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return {
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
        "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
    }


def mailgun_body(event: dict[str, Any], timestamp: str = TIMESTAMP) -> bytes:
    """The signed body in which Mailgun posts `event`."""
    digest = hmac.new(b"key-mailgun", f"{timestamp}token".encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": timestamp, "token": "token", "signature": digest}
    return json.dumps({"signature": signature, "event-data": event}).encode()


def sns_notification(message: dict[str, Any] | None, **changes: str) -> dict[str, str]:
    """A signed notification of Amazon SNS, with `message` as its JSON."""
    notification = {
        "Type": "Notification",
        "MessageId": "m-1",
        "TopicArn": TOPIC,
        "Message": json.dumps(message or {}),
        "Timestamp": NOON.isoformat().replace("+00:00", "Z"),
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
    } | changes
    signed_names = (
        ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
        if notification["Type"] == "Notification"
        else ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    )
    text = "".join(f"{name}\n{notification[name]}\n" for name in signed_names if name in notification)
    digest = hashes.SHA256() if notification["SignatureVersion"] == "2" else hashes.SHA1()  # noqa: S303
    notification.setdefault(
        "Signature", base64.b64encode(RSA_KEY.sign(text.encode(), padding.PKCS1v15(), digest)).decode()
    )
    return notification


def ses_bounce(scenario: FeedbackScenario, subscriber: Subscriber) -> dict[str, Any]:
    return {
        "notificationType": "Bounce",
        "mail": {"source": scenario.return_path(scenario.delivery(subscriber)), "messageId": "s-1"},
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "feedbackId": "f-1",
            "bouncedRecipients": [
                {
                    "emailAddress": subscriber.email,
                    "status": "5.1.1",
                    "diagnosticCode": "smtp; 550 5.1.1 user unknown",
                }
            ],
        },
    }

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
from digest.sources.http.results import Fetched, Validators
from digest.subscribers.models import Subscriber
from tests.conftest import NOON
from tests.feedback.conftest import FeedbackScenario

SECRET = "a secret of our own programs, long"
LOGIN = "postmark:a long enough password"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:bounces"
CERTIFICATE = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem"
TIMESTAMP = str(int(NOON.timestamp()))
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY, INTERMEDIATE_KEY, ROOT_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(3)
)


def certificate() -> bytes:
    """The certificate of Amazon SNS with its chain, as Amazon serves it: its own, the intermediate's and the root's."""
    own = _certificate("sns.amazonaws.com", RSA_KEY, "An intermediate", INTERMEDIATE_KEY, is_authority=False)
    intermediate = _certificate("An intermediate", INTERMEDIATE_KEY, "A root", ROOT_KEY, is_authority=True)
    root = _certificate("A root", ROOT_KEY, "A root", ROOT_KEY, is_authority=True)
    return own + intermediate + root


def _certificate(
    subject: str, key: rsa.RSAPrivateKey, issuer: str, issuer_key: rsa.RSAPrivateKey, *, is_authority: bool
) -> bytes:
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOON - timedelta(days=9))
        .not_valid_after(NOON + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return builder.sign(issuer_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


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


def mailgun_body(event: dict[str, Any], timestamp: str = TIMESTAMP, token: str = "token") -> bytes:  # noqa: S107
    """The signed body in which Mailgun posts `event`."""
    digest = hmac.new(b"key-mailgun", f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signature = {"timestamp": timestamp, "token": token, "signature": digest}
    return json.dumps({"signature": signature, "event-data": event}).encode()


def sns_notification(
    message: dict[str, Any] | None, key: rsa.RSAPrivateKey = RSA_KEY, /, **changes: str
) -> dict[str, str]:
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
        "Signature", base64.b64encode(key.sign(text.encode(), padding.PKCS1v15(), digest)).decode()
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

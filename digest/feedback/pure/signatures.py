"""Checks the signatures of webhooks, as each provider makes them, in constant time.

Pure: the time and the certificate are arguments. A check that fails raises ForgedRequestError with the reason.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import SplitResult, parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from werkzeug.datastructures import Headers

from digest.errors import DatelineError

# How old a signed request may be. Providers retry for hours or days with the first signature. The stored id of the
# event stops a repetition, and the age limits how long a leaked request is of use.
MAX_AGE = {
    "generic": timedelta(minutes=5),
    "mailgun": timedelta(hours=9),  # it retries for 8 hours
    "sendgrid": timedelta(days=3),
    "ses": timedelta(days=7),
}
# Mailgun's signature does not cover the event, so the event's own time must fit that of the signature.
MAX_EVENT_AGE = timedelta(hours=9)  # when its request was signed
CLOCK_SKEW = timedelta(minutes=5)  # that a provider's clock may be fast
# Matches only region names, because anybody may own the bucket at sns.s3-us-west-2.amazonaws.com.
SNS_HOST = re.compile(r"sns\.[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?")
SNS_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem")
# The fields that Amazon signs, in this order (its manual, "Verifying the signatures of Amazon SNS messages").
SNS_CONFIRMATION_FIELDS = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
SNS_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": SNS_CONFIRMATION_FIELDS,
    "UnsubscribeConfirmation": SNS_CONFIRMATION_FIELDS,
}


class ForgedRequestError(DatelineError):
    """The signature is wrong, or the request is too old."""


def check_generic(secret: str, body: bytes, headers: Headers, now: datetime) -> None:
    """Check `X-Dateline-Signature: sha256=<hex>` over `<timestamp>.<body>`; `X-Dateline-Timestamp` has the time."""
    timestamp = headers.get("X-Dateline-Timestamp", "")
    _check_age("generic", _parse_seconds(timestamp), now)
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    _require_equal(headers.get("X-Dateline-Signature", "").removeprefix("sha256="), expected)


def check_mailgun(
    secret: str, signature: Mapping[str, object], event: Mapping[str, object], now: datetime
) -> str:
    """Check Mailgun's HMAC-SHA256 of timestamp and token, in hexadecimal; returns the token.

    The event is not signed. So its own timestamp must fit, and the caller must accept a token only once.
    """
    timestamp, token, actual = (str(signature.get(name, "")) for name in ("timestamp", "token", "signature"))
    signed_at = _parse_seconds(timestamp)
    _check_age("mailgun", signed_at, now)
    signed_text = f"{timestamp}{token}".encode("utf-8", "replace")
    _require_equal(actual, hmac.new(secret.encode(), signed_text, hashlib.sha256).hexdigest())
    happened_at = event.get("timestamp")  # seconds with a fraction
    if happened_at is not None:
        _check_event_time(happened_at, signed_at)
    return token


def check_postmark(login: str, authorization: str) -> None:
    """Check HTTP basic authentication, because Postmark signs nothing."""
    _require_equal(authorization, "Basic " + base64.b64encode(login.encode()).decode())


def check_sendgrid(key: str, body: bytes, headers: Headers, now: datetime) -> None:
    """Check ECDSA with SHA-256 over timestamp and body, by the key that SendGrid shows beside the webhook."""
    timestamp = headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    _check_age("sendgrid", _parse_seconds(timestamp), now)
    try:
        signature = base64.b64decode(headers.get("X-Twilio-Email-Event-Webhook-Signature", ""), validate=True)
        public_key = load_der_public_key(base64.b64decode(key, validate=True))
        if not isinstance(public_key, ec.EllipticCurvePublicKey):
            raise ForgedRequestError("SENDGRID_KEY is not an elliptic curve key")
        public_key.verify(signature, timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (binascii.Error, ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise ForgedRequestError("the signature is wrong") from None


def sns_certificate_url(message: Mapping[str, object]) -> str:
    """The URL of the certificate that a notification names; raises ForgedRequestError unless it is Amazon's own."""
    url = _split_url(message.get("SigningCertURL"))
    if (
        url.scheme != "https"
        or not SNS_HOST.fullmatch(url.netloc)
        or not SNS_CERTIFICATE.fullmatch(url.path)
        or url.query
    ):
        raise ForgedRequestError("SigningCertURL is not a certificate of Amazon SNS")
    return url.geturl()


def sns_subscribe_url(message: Mapping[str, object]) -> str:
    """The URL that confirms a subscription; raises ForgedRequestError unless it is Amazon's own, for the same topic."""
    url = _split_url(message.get("SubscribeURL"))
    query = parse_qs(url.query)
    is_amazon = url.scheme == "https" and SNS_HOST.fullmatch(url.netloc) and url.path in ("", "/")
    same_topic = query.get("TopicArn") == [message.get("TopicArn")]
    if not (is_amazon and same_topic and query.get("Action") == ["ConfirmSubscription"]):
        raise ForgedRequestError("SubscribeURL is not an address of Amazon SNS")
    return url.geturl()


def check_sns(message: Mapping[str, object], certificate: bytes, now: datetime) -> None:
    """Check Amazon's RSA signature over SNS_FIELDS, with SHA-1 (version 1) or SHA-256 (version 2)."""
    fields = SNS_FIELDS.get(str(message.get("Type")), ())
    if not fields:
        raise ForgedRequestError("the notification has a type that Amazon SNS does not send")
    _check_age("ses", _parse_iso(str(message.get("Timestamp"))), now)
    signed_text = "".join(f"{name}\n{message[name]}\n" for name in fields if message.get(name) is not None)
    # Amazon signs with SHA-1 unless the topic asks for version 2. Nobody else chooses the text, so nobody can prepare a
    # collision.
    digest = hashes.SHA256() if message.get("SignatureVersion") == "2" else hashes.SHA1()  # noqa: S303
    try:
        loaded = x509.load_pem_x509_certificate(certificate)
        if not loaded.not_valid_before_utc <= now <= loaded.not_valid_after_utc:
            raise ForgedRequestError("the certificate is not valid now")
        public_key = loaded.public_key()
        if not isinstance(public_key, rsa.RSAPublicKey):
            raise ForgedRequestError("the certificate has no RSA key, so it is not of Amazon SNS")
        public_key.verify(
            base64.b64decode(str(message.get("Signature")), validate=True),
            signed_text.encode(),
            padding.PKCS1v15(),
            digest,
        )
    except (binascii.Error, ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise ForgedRequestError("the signature is wrong") from None


def _split_url(value: object) -> SplitResult:
    """The parts of a URL; those of "" when it is none, or when two parsers could read it differently."""
    text = str(value or "")
    is_unambiguous = text.isascii() and text.isprintable() and not set(text) & set("\\ @#")
    try:
        return urlsplit(text if is_unambiguous else "")
    except ValueError:  # an IPv6 address without its end
        return urlsplit("")


def _check_age(provider: str, signed_at: datetime, now: datetime) -> None:
    if not now - MAX_AGE[provider] <= signed_at <= now + CLOCK_SKEW:
        raise ForgedRequestError("the request is too old, or from the future")


def _check_event_time(happened_at: object, signed_at: datetime) -> None:
    moment = _parse_seconds(str(happened_at).partition(".")[0])
    if not signed_at - MAX_EVENT_AGE <= moment <= signed_at + CLOCK_SKEW:
        raise ForgedRequestError("the event is older than its signature allows, or from the future")


def _parse_seconds(text: str) -> datetime:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise ForgedRequestError("the request has no valid time")
    return datetime.fromtimestamp(int(text), UTC)


def _parse_iso(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        raise ForgedRequestError("the request has no valid time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _require_equal(actual: str, expected: str) -> None:
    if not hmac.compare_digest(actual.encode("utf-8", "replace"), expected.encode()):
        raise ForgedRequestError("the signature is wrong")

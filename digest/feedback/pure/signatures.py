"""Whether a webhook comes from whom it says: each provider's way of signing, checked in constant time.

Pure: the time and the certificate are arguments. What is refused raises ForgedError with the reason.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from werkzeug.datastructures import Headers

from digest.errors import DatelineError

# How old a signed request may be. Providers try again for hours or days with the first signature, so what stops a
# repetition is the event's id, which is kept; the age bounds how long a leaked request is of use.
FRESH = {
    "generic": timedelta(minutes=5),
    "mailgun": timedelta(days=1),
    "sendgrid": timedelta(days=3),
    "ses": timedelta(days=7),
}
AHEAD = timedelta(minutes=5)  # that another clock may be fast
# By region alone: a bucket of anybody's named "sns" is at sns.s3-us-west-2.amazonaws.com.
SNS_HOST = re.compile(r"sns\.[a-z]{2,4}(-[a-z]{2,12}){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?")
SNS_CERTIFICATE = re.compile(r"/SimpleNotificationService-[0-9a-zA-Z]{1,64}\.pem")
# What Amazon signs, in this order (its manual, "Verifying the signatures of Amazon SNS messages").
SNS_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
    "UnsubscribeConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}


class ForgedError(DatelineError):
    """The signature does not hold, or the request is too old."""


def check_generic(secret: str, body: bytes, headers: Headers, now: datetime) -> None:
    """`X-Dateline-Signature: sha256=<hex>` over `<timestamp>.<body>`, the time in `X-Dateline-Timestamp`."""
    stamp = headers.get("X-Dateline-Timestamp", "")
    _check_age("generic", _seconds(stamp), now)
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    _same(headers.get("X-Dateline-Signature", "").removeprefix("sha256="), wanted)


def check_mailgun(secret: str, signature: Mapping[str, object], now: datetime) -> None:
    """HMAC-SHA256 of timestamp and token, in hexadecimal."""
    stamp, token, given = (str(signature.get(name, "")) for name in ("timestamp", "token", "signature"))
    _check_age("mailgun", _seconds(stamp), now)
    _same(
        given,
        hmac.new(secret.encode(), f"{stamp}{token}".encode("utf-8", "replace"), hashlib.sha256).hexdigest(),
    )


def check_postmark(login: str, authorization: str) -> None:
    """HTTP basic authentication; Postmark signs nothing."""
    _same(authorization, "Basic " + base64.b64encode(login.encode()).decode())


def check_sendgrid(key: str, body: bytes, headers: Headers, now: datetime) -> None:
    """ECDSA with SHA-256 over timestamp and body, by the key that SendGrid shows beside the webhook."""
    stamp = headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
    _check_age("sendgrid", _seconds(stamp), now)
    try:
        signature = base64.b64decode(headers.get("X-Twilio-Email-Event-Webhook-Signature", ""), validate=True)
        public = load_der_public_key(base64.b64decode(key, validate=True))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise ForgedError("SENDGRID_KEY is no key of an elliptic curve")
        public.verify(signature, stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    except (binascii.Error, ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise ForgedError("the signature does not hold") from None


def sns_certificate_url(message: Mapping[str, object]) -> str:
    """The address of the certificate that a notification names; raises ForgedError unless it is Amazon's own."""
    url = urlsplit(_url(message.get("SigningCertURL")))
    if (
        url.scheme != "https"
        or not SNS_HOST.fullmatch(url.netloc)
        or not SNS_CERTIFICATE.fullmatch(url.path)
        or url.query
    ):
        raise ForgedError("SigningCertURL is no certificate of Amazon SNS")
    return url.geturl()


def sns_subscribe_url(message: Mapping[str, object]) -> str:
    """The address that confirms a subscription; raises ForgedError unless it is Amazon's own, for the same topic."""
    url = urlsplit(_url(message.get("SubscribeURL")))
    query = parse_qs(url.query)
    right = query.get("Action") == ["ConfirmSubscription"] and query.get("TopicArn") == [
        message.get("TopicArn")
    ]
    if url.scheme != "https" or not SNS_HOST.fullmatch(url.netloc) or url.path not in ("", "/") or not right:
        raise ForgedError("SubscribeURL is no address of Amazon SNS")
    return url.geturl()


def check_sns(message: Mapping[str, object], certificate: bytes, now: datetime) -> None:
    """RSA over the fields that Amazon names, with SHA-1 (version 1) or SHA-256 (version 2)."""
    fields = SNS_FIELDS.get(str(message.get("Type")), ())
    if not fields:
        raise ForgedError("the notification has no type that Amazon SNS sends")
    _check_age("ses", _iso(str(message.get("Timestamp"))), now)
    told = "".join(f"{name}\n{message[name]}\n" for name in fields if message.get(name) is not None)
    # Amazon signs with SHA-1 unless the topic asks for version 2; the text is theirs, so nobody chooses a collision.
    digest = hashes.SHA256() if message.get("SignatureVersion") == "2" else hashes.SHA1()  # noqa: S303
    try:
        found = x509.load_pem_x509_certificate(certificate)
        if not found.not_valid_before_utc <= now <= found.not_valid_after_utc:
            raise ForgedError("the certificate is not valid now")
        public = found.public_key()
        if not isinstance(public, rsa.RSAPublicKey):
            raise ForgedError("the certificate is none of Amazon SNS")
        public.verify(
            base64.b64decode(str(message.get("Signature")), validate=True),
            told.encode(),
            padding.PKCS1v15(),
            digest,
        )
    except (binascii.Error, ValueError, UnsupportedAlgorithm, InvalidSignature):
        raise ForgedError("the signature does not hold") from None


def _url(value: object) -> str:
    """An address, if it is one that can't be read in two ways."""
    text = str(value or "")
    return text if text.isascii() and text.isprintable() and not set(text) & set("\\ @#") else ""


def _check_age(kind: str, then: datetime, now: datetime) -> None:
    if not now - FRESH[kind] <= then <= now + AHEAD:
        raise ForgedError("the request is too old, or from the future")


def _seconds(text: str) -> datetime:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise ForgedError("the request has no time")
    return datetime.fromtimestamp(int(text), UTC)


def _iso(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text[:40])
    except ValueError:
        raise ForgedError("the request has no time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _same(given: str, wanted: str) -> None:
    if not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
        raise ForgedError("the signature does not hold")

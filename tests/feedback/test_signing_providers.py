"""Signatures by keys of providers: SendGrid's of an elliptic curve, and Amazon's by its certificate."""

import base64
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from werkzeug.datastructures import Headers

from digest.feedback.pure.signatures import ForgedRequestError, check_mailgun, check_sendgrid, check_sns
from tests.conftest import NOON
from tests.feedback.test_signatures import SECRET, mailgun, seconds

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NOTE = {"Type": "Notification", "Message": "m", "MessageId": "1", "TopicArn": "arn:1"}


@cache
def curve_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public(key: Any) -> str:
    octets = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(octets).decode()


def certificate(key: Any, first: datetime = NOON - DAY, last: datetime = NOON + DAY) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(first)
        .not_valid_after(last)
    )
    return built.sign(curve_key(), hashes.SHA256()).public_bytes(Encoding.PEM)


def sendgrid(timestamp: str, body: bytes) -> Headers:
    signature = curve_key().sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    return Headers(
        {
            "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
        }
    )


def sns(text: str, *, version: str = "1", **fields: str) -> dict[str, object]:
    """A notification whose signature is over this text."""
    digest = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - Amazon's version 1
    signature = rsa_key().sign(text.encode(), padding.PKCS1v15(), digest)
    signed = {"SignatureVersion": version, "Signature": base64.b64encode(signature).decode()}
    return {**NOTE, "Timestamp": "2026-03-10T12:00:00.000Z", **signed, **fields}


def signed_text(timestamp: str, subject: str = "") -> str:
    middle = f"Subject\n{subject}\n" if subject else ""
    return f"Message\nm\nMessageId\n1\n{middle}Timestamp\n{timestamp}\nTopicArn\narn:1\nType\nNotification\n"


def at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def refused(words: str) -> Any:
    return pytest.raises(ForgedRequestError, match=words)


def test_an_event_is_nine_hours_older_than_its_signature_at_most_and_five_minutes_newer() -> None:
    def check(age: timedelta) -> None:
        check_mailgun(SECRET, mailgun(seconds(NOON)), {"timestamp": (NOON - age).timestamp()}, NOON)

    check(timedelta(hours=9))
    check(-timedelta(minutes=5))
    for age in (timedelta(hours=9, seconds=1), -timedelta(minutes=5, seconds=1)):
        with refused("older than its signature"):
            check(age)


def test_sendgrid_signs_the_time_and_the_body() -> None:
    now = seconds(NOON)
    check_sendgrid(public(curve_key()), b"[]", sendgrid(now, b"[]"), NOON)
    check_sendgrid(public(curve_key()), b"[]", sendgrid(seconds(NOON - 3 * DAY), b"[]"), NOON)
    with refused("too old"):
        check_sendgrid(public(curve_key()), b"[]", sendgrid(seconds(NOON - 3 * DAY - SECOND), b"[]"), NOON)
    for key, body in ((public(curve_key()), b"{}"), ("no key", b"[]"), ("", b"[]")):
        with refused("signature is wrong"):
            check_sendgrid(key, body, sendgrid(now, b"[]"), NOON)
    junk = sendgrid(now, b"[]")
    junk["X-Twilio-Email-Event-Webhook-Signature"] = "!" + junk["X-Twilio-Email-Event-Webhook-Signature"]
    with refused("signature is wrong"):
        check_sendgrid(public(curve_key()), b"[]", junk, NOON)
    with refused("signature is wrong"):
        check_sendgrid("!" + public(curve_key()), b"[]", sendgrid(now, b"[]"), NOON)
    with refused("not an elliptic curve key"):
        check_sendgrid(public(rsa_key()), b"[]", sendgrid(now, b"[]"), NOON)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["", "About you"])
def test_amazon_signs_the_fields_that_a_notification_has(version: str, subject: str) -> None:
    fields = {"Subject": subject} if subject else {}
    message = sns(signed_text(at(NOON), subject), version=version, Timestamp=at(NOON), **fields)
    check_sns(message, certificate(rsa_key()), NOON)
    for name, value in (("Message", "x"), ("Subject", "Another"), ("TopicArn", "arn:2"), ("Signature", "a")):
        with refused("signature is wrong"):
            check_sns({**message, "Signature": f"!{message['Signature']}"}, certificate(rsa_key()), NOON)
        with refused("signature is wrong"):
            check_sns({**message, name: value}, certificate(rsa_key()), NOON)


def test_a_notification_is_accepted_for_a_week() -> None:
    for age, words in (
        (7 * DAY, ""),
        (7 * DAY + SECOND, "too old"),
        (-timedelta(minutes=5, seconds=1), "future"),
    ):
        stamp = at(NOON - age)
        message = sns(signed_text(stamp), Timestamp=stamp)
        if words:
            with refused(words):
                check_sns(message, certificate(rsa_key()), NOON)
        else:
            check_sns(message, certificate(rsa_key()), NOON)


def test_a_time_without_a_zone_is_utc_and_one_that_is_none_is_refused() -> None:
    stamp = at(NOON).removesuffix("Z")
    check_sns(sns(signed_text(stamp), Timestamp=stamp), certificate(rsa_key()), NOON)
    with refused("no valid time"):
        check_sns(sns("", Timestamp="yesterday"), certificate(rsa_key()), NOON)


def test_a_certificate_is_valid_on_its_first_and_on_its_last_second_and_has_an_rsa_key() -> None:
    message = sns(signed_text(at(NOON)), Timestamp=at(NOON))
    check_sns(message, certificate(rsa_key(), NOON, NOON + DAY), NOON)
    check_sns(message, certificate(rsa_key(), NOON - DAY, NOON), NOON)
    for first, last in ((NOON + SECOND, NOON + DAY), (NOON - DAY, NOON - SECOND)):
        with refused("not valid now"):
            check_sns(message, certificate(rsa_key(), first, last), NOON)
    with refused("no RSA key"):
        check_sns(message, certificate(curve_key()), NOON)
    with refused("signature is wrong"):
        check_sns(message, b"no certificate", NOON)
    with refused("does not send"):
        check_sns({**message, "Type": "Other"}, certificate(rsa_key()), NOON)

"""The signatures of webhooks: how old a request may be, and which addresses are Amazon's."""

import base64
import hashlib
import hmac
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.datastructures import Headers

from digest.feedback.pure.signatures import (
    CLOCK_SKEW,
    MAX_AGE,
    MAX_EVENT_AGE,
    ForgedRequestError,
    check_generic,
    check_mailgun,
    check_postmark,
    sns_certificate_url,
    sns_subscribe_url,
)
from tests.conftest import NOON

SECOND, SECRET = timedelta(seconds=1), "a secret"


def allowed(is_good: bool) -> Any:
    return nullcontext() if is_good else pytest.raises(ForgedRequestError)


def generic(timestamp: str, body: bytes = b"{}") -> Headers:
    digest = hmac.new(SECRET.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return Headers({"X-Dateline-Timestamp": timestamp, "X-Dateline-Signature": f"sha256={digest}"})


def mailgun(timestamp: str) -> dict[str, object]:
    digest = hmac.new(SECRET.encode(), f"{timestamp}token".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": timestamp, "token": "token", "signature": digest}


def seconds(moment: Any) -> str:
    return str(int(moment.timestamp()))


@pytest.mark.parametrize(
    ("age", "is_good"),
    [
        (MAX_AGE["generic"], True),
        (MAX_AGE["generic"] + SECOND, False),
        (-CLOCK_SKEW, True),
        (-CLOCK_SKEW - SECOND, False),
    ],
)
def test_a_request_is_accepted_for_five_minutes(age: timedelta, is_good: bool) -> None:
    with allowed(is_good):
        check_generic(SECRET, b"{}", generic(seconds(NOON - age)), NOON)
    with pytest.raises(ForgedRequestError, match="wrong"):
        check_generic(SECRET, b"[]", generic(seconds(NOON)), NOON)


@pytest.mark.parametrize("timestamp", ["", "soon", "12345678901", "-5", "１２"])
def test_what_is_no_time_is_refused(timestamp: str) -> None:
    with pytest.raises(ForgedRequestError, match="no valid time"):
        check_generic(SECRET, b"{}", Headers({"X-Dateline-Timestamp": timestamp}), NOON)
    with pytest.raises(ForgedRequestError, match="too old"):
        check_generic(SECRET, b"{}", generic("1234567890"), NOON)


@pytest.mark.parametrize(
    ("age", "is_good"),
    [
        (MAX_EVENT_AGE, True),
        (MAX_EVENT_AGE + SECOND, False),
        (-CLOCK_SKEW, True),
        (-CLOCK_SKEW - SECOND, False),
    ],
)
def test_an_event_must_be_as_old_as_its_signature_allows(age: timedelta, is_good: bool) -> None:
    with allowed(is_good):
        event = {"timestamp": (NOON - age).timestamp() + 0.25}
        assert check_mailgun(SECRET, mailgun(seconds(NOON)), event, NOON) == "token"


@pytest.mark.parametrize(
    ("age", "is_good"), [(timedelta(hours=9), True), (timedelta(hours=9, seconds=1), False)]
)
def test_mailgun_may_repeat_for_nine_hours(age: timedelta, is_good: bool) -> None:
    with allowed(is_good):
        check_mailgun(SECRET, mailgun(seconds(NOON - age)), {}, NOON)
    with pytest.raises(ForgedRequestError, match="wrong"):
        check_mailgun("another", mailgun(seconds(NOON)), {}, NOON)


def test_postmark_signs_in() -> None:
    check_postmark("ann:secret", "Basic " + base64.b64encode(b"ann:secret").decode())
    with pytest.raises(ForgedRequestError):
        check_postmark("ann:secret", "Basic " + base64.b64encode(b"ann:wrong").decode())


HOST, FILE = "sns.eu-west-1.amazonaws.com", "SimpleNotificationService-0a1b.pem"


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        (f"https://{HOST}/{FILE}", True),
        (f"http://{HOST}/{FILE}", False),
        (f"https://{HOST}.evil.example/{FILE}", False),
        (f"https://{HOST}/other.pem", False),
        (f"https://{HOST}/{FILE}?x=1", False),
        (f"https://{HOST}/{FILE}#x", False),
        (f"https://{HOST}/\t{FILE}", False),
        (f"https://evil.example@{HOST}/{FILE}", False),
        ("https://[x", False),
        (None, False),
    ],
)
def test_a_certificate_is_amazons(url: str | None, is_good: bool) -> None:
    with allowed(is_good):
        assert sns_certificate_url({"SigningCertURL": url}) == url


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        (f"https://{HOST}/?Action=ConfirmSubscription&TopicArn=arn:1", True),
        (f"https://{HOST}?Action=ConfirmSubscription&TopicArn=arn:1", True),
        (f"http://{HOST}/?Action=ConfirmSubscription&TopicArn=arn:1", False),
        (f"https://{HOST}/x?Action=ConfirmSubscription&TopicArn=arn:1", False),
        ("https://evil.example/?Action=ConfirmSubscription&TopicArn=arn:1", False),
        (f"https://{HOST}/?Action=ConfirmSubscription&TopicArn=arn:2", False),
        (f"https://{HOST}/?Action=Unsubscribe&TopicArn=arn:1", False),
    ],
)
def test_a_subscription_is_confirmed_at_amazon_for_its_topic(url: str, is_good: bool) -> None:
    with allowed(is_good):
        assert sns_subscribe_url({"SubscribeURL": url, "TopicArn": "arn:1"}) == url

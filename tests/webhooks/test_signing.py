"""How a receiver checks a message, and when a message is given up."""

import base64
from datetime import timedelta

import pytest

from digest.webhooks.pure import signing
from digest.webhooks.pure.retries import LONGEST_TRIAL, RETRY_DELAYS, next_attempt
from digest.webhooks.pure.signing import TOLERANCE
from tests.conftest import NOON

SECRET = signing.new_secret()
HEADERS = signing.signed_headers(SECRET, "msg_1", b"{}", NOON)


def test_a_secret_has_256_bits() -> None:
    assert len(base64.b64decode(signing.new_secret().removeprefix("whsec_"))) == 32


@pytest.mark.parametrize(
    ("later", "is_new"),
    [(TOLERANCE, True), (-TOLERANCE, True), (TOLERANCE + timedelta(seconds=1), False)],
)
def test_a_message_is_new_within_the_tolerance(later: timedelta, is_new: bool) -> None:
    assert signing.is_signed(SECRET, HEADERS, b"{}", NOON + later) == is_new


def test_one_right_signature_among_several_is_enough() -> None:
    """While a secret is replaced, a message has a signature by each."""
    both = {**HEADERS, "webhook-signature": f"v1,AAAA {HEADERS['webhook-signature']}"}
    assert signing.is_signed(SECRET, both, b"{}", NOON)
    assert not signing.is_signed(SECRET, {**HEADERS, "webhook-signature": "v1,AAAA"}, b"{}", NOON)
    assert not signing.is_signed(SECRET, {**HEADERS, "webhook-timestamp": "soon"}, b"{}", NOON)


def test_an_attempt_just_within_a_day_is_made() -> None:
    first_tried_at = NOON + RETRY_DELAYS[0] - LONGEST_TRIAL
    assert next_attempt(1, first_tried_at, NOON) == NOON + RETRY_DELAYS[0]
    assert next_attempt(1, first_tried_at - timedelta(seconds=1), NOON) is None

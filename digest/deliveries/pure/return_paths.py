"""Signed addresses for answers to a mail: local parts that name a delivery, a letter or a subscriber.

A letter is a mail to one subscriber that is no edition, such as the one that confirms an address. A delivery's return
path is `b-<delivery>-<planned at>-<mac>@RETURN_PATH_DOMAIN`, and a letter's begins with `l`. The address to unsubscribe
is `u-<subscriber>-<mac>@…`. Numbers are in base 36. Addresses are written in lower case and read in any case, because
mail servers change it. A local part is at most 64 octets long (RFC 5321, 4.5.3.1.1).

The MAC (BLAKE2, RFC 7693) of 80 bits is keyed by SECRET_KEY, so only we can make an address; who has a mail knows the
one in it. The address of a delivery or letter contains the time of its row: after a backup was restored, row ids are
used again, and an old address must not name a new row.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache


class AddressKind(StrEnum):
    """What an address of ours names."""

    DELIVERY = "delivery"
    LETTER = "letter"
    SUBSCRIBER = "subscriber"


PREFIX_BY_KIND = {AddressKind.DELIVERY: "b", AddressKind.LETTER: "l", AddressKind.SUBSCRIBER: "u"}
KIND_BY_PREFIX = {prefix: kind for kind, prefix in PREFIX_BY_KIND.items()}
MAC_PURPOSE = "return path\0"
MAC_OCTETS = 10  # 20 hexadecimal digits
MAX_ROW_ID = 2**63 - 1
MAX_TOKENS_CHECKED = 20  # in one text
# Matches anywhere in a text, because forwarders wrap return paths into others (SRS0=…=domain=b-…@, prvs=…=b-…@).
TOKEN_PATTERN = re.compile(
    r"(?<![a-z0-9-])(?:([bl])-([0-9a-z]{1,13})-([0-9a-z]{1,8})|(u)-([a-z2-7]{2,40}))-([0-9a-f]{20})(?![a-z0-9-])"
)
BASE36_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class AddressToken:
    """What a local part names.

    A delivery or letter has a row id and the time of its row (seconds since 1970), a subscriber has a public id.
    """

    kind: AddressKind
    row_id: int = 0
    timestamp: int = 0
    public_id: str = ""


def delivery_local_part(secret: str, delivery_id: int, planned_at: datetime) -> str:
    """The local part of a delivery's return path."""
    return _signed(secret, f"b-{_base36(delivery_id)}-{_base36_timestamp(planned_at)}")


def letter_local_part(secret: str, letter_id: int, created_at: datetime) -> str:
    """The local part of a letter's return path."""
    return _signed(secret, f"l-{_base36(letter_id)}-{_base36_timestamp(created_at)}")


def subscriber_local_part(secret: str, public_id: str) -> str:
    """The local part of the address by which a subscriber unsubscribes."""
    name = base64.b32encode(public_id.encode()).decode().rstrip("=").lower()
    return _signed(secret, f"u-{name}")


def find_tokens(secret: str, text: str) -> Iterator[AddressToken]:
    """Our own tokens in a text, each once, in order. Forged ones are skipped."""
    checked: set[str] = set()
    for match in TOKEN_PATTERN.finditer(text.lower()):
        if match[0] not in checked and len(checked) < MAX_TOKENS_CHECKED:
            checked.add(match[0])
            if hmac.compare_digest(_signed(secret, match[0].rpartition("-")[0]), match[0]):
                yield from _parse_token(match)


def _parse_token(match: "re.Match[str]") -> Iterator[AddressToken]:
    if match[4]:
        encoded = match[5].upper()
        padding = "=" * (-len(encoded) % 8)
        try:
            public_id = base64.b32decode(encoded + padding).decode()
        except (binascii.Error, ValueError):
            return
        yield AddressToken(AddressKind.SUBSCRIBER, public_id=public_id)
    elif (row_id := int(match[2], 36)) <= MAX_ROW_ID:
        yield AddressToken(KIND_BY_PREFIX[match[1]], row_id, int(match[3], 36))


def _signed(secret: str, text: str) -> str:
    return f"{text}-{keyed_mac(secret, MAC_PURPOSE + text, octets=MAC_OCTETS)}"


def keyed_mac(secret: str, text: str, *, octets: int) -> str:
    """A code in hexadecimal that cannot be made without the secret. `text` begins with the code's purpose and a NUL."""
    return hashlib.blake2b(text.encode(), key=_mac_key(secret), digest_size=octets).hexdigest()


@lru_cache(maxsize=4)
def _mac_key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()  # BLAKE2 takes keys of 64 octets at most


@lru_cache(maxsize=64)  # the deliveries of an edition are planned at few moments
def _base36_timestamp(moment: datetime) -> str:
    return _base36(int(moment.timestamp()))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = BASE36_DIGITS[digit] + digits
    return digits or "0"

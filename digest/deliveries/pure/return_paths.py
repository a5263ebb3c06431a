"""Where answers to a mail go: local parts that name a delivery, a letter or a reader, and that only we can make.

A return path is `b-<delivery>-<planned at>-<mac>@RETURN_PATH_DOMAIN` (a letter's begins with `l`), the address to
unsubscribe is `u-<reader>-<mac>@…`. Numbers are in base 36, in lower case and read in any, since mail servers change
the case of letters; at most 64 octets long (RFC 5321, 4.5.3.1.1). The MAC (BLAKE2, RFC 7693) of 80 bits is keyed by
SECRET_KEY: who does not hold the mail itself can't make one. The time is in it because row ids come back after a backup
was restored, and must not name another delivery then.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal

Kind = Literal["delivery", "letter", "reader"]
LETTERS: dict[Kind, str] = {"delivery": "b", "letter": "l", "reader": "u"}
KINDS: dict[str, Kind] = {letter: kind for kind, letter in LETTERS.items()}
RETURN_PATH = "return path\0"
MAC_OCTETS = 10  # 20 characters
LARGEST = 2**63 - 1
MOST_MARKS = 20  # in one text that are tried
# Anywhere in a text: forwarders wrap return paths into others (SRS0=…=domain=b-…@, prvs=…=b-…@).
MARK = re.compile(
    r"(?<![a-z0-9-])(?:([bl])-([0-9a-z]{1,13})-([0-9a-z]{1,8})|(u)-([a-z2-7]{2,40}))-([0-9a-f]{20})(?![a-z0-9-])"
)
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a local part names: a delivery or letter by number and time (seconds since 1970), a reader by public id."""

    kind: Kind
    number: int = 0
    made: int = 0
    public_id: str = ""


def delivery_part(secret: str, delivery_id: int, planned_at: datetime) -> str:
    """The local part of a delivery's return path."""
    return _signed(secret, f"b-{_base36(delivery_id)}-{_stamp(planned_at)}")


def letter_part(secret: str, letter_id: int, created_at: datetime) -> str:
    """The local part of a letter's return path."""
    return _signed(secret, f"l-{_base36(letter_id)}-{_stamp(created_at)}")


def reader_part(secret: str, public_id: str) -> str:
    """The local part of the address by which a reader unsubscribes."""
    name = base64.b32encode(public_id.encode()).decode().rstrip("=").lower()
    return _signed(secret, f"u-{name}")


def marks(secret: str, text: str) -> Iterator[Mark]:
    """The marks of ours in a text, each once, in order; what others made up is passed over."""
    tried: set[str] = set()
    for match in MARK.finditer(text.lower()):
        if match[0] not in tried and len(tried) < MOST_MARKS:
            tried.add(match[0])
            if hmac.compare_digest(_signed(secret, match[0].rpartition("-")[0]), match[0]):
                yield from _read(match)


def _read(match: "re.Match[str]") -> Iterator[Mark]:
    if match[4]:
        name = match[5].upper()
        try:
            yield Mark("reader", public_id=base64.b32decode(name + "=" * (-len(name) % 8)).decode())
        except (binascii.Error, ValueError):
            return
    elif (number := int(match[2], 36)) <= LARGEST:
        yield Mark(KINDS[match[1]], number, int(match[3], 36))


def _signed(secret: str, text: str) -> str:
    return f"{text}-{mac(secret, RETURN_PATH + text, octets=MAC_OCTETS)}"


def mac(secret: str, text: str, *, octets: int) -> str:
    """A code in hexadecimal that only who knows the secret can make. A text begins with what it is for, and a NUL."""
    return hashlib.blake2b(text.encode(), key=_key(secret), digest_size=octets).hexdigest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()  # BLAKE2 takes keys of 64 octets at most


@lru_cache(maxsize=64)  # an edition's deliveries are planned at few moments
def _stamp(moment: datetime) -> str:
    return _base36(int(moment.timestamp()))


def _base36(number: int) -> str:
    out = ""
    while number:
        number, digit = divmod(number, 36)
        out = DIGITS[digit] + out
    return out or "0"

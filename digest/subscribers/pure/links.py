"""Signed links: what a reader may do is in the link they hold, for one purpose each, and can't be forged."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode, int_to_bytes

from digest.errors import InvalidInputError, Sentence

Purpose = Literal["confirm", "preferences", "unsubscribe"]

# How long a link works. To unsubscribe must always work (CAN-SPAM asks for 30 days, RFC 8058 for "reasonable").
AGES: dict[Purpose, timedelta | None] = {
    "confirm": timedelta(days=7),
    "preferences": timedelta(days=90),
    "unsubscribe": None,
}


class OldLinkError(InvalidInputError):
    """The link was ours, but is too old."""


class ForgedLinkError(InvalidInputError):
    """The link is not one that we made (or was cut on its way)."""


class Links:
    """Makes and reads the addresses that go into mails."""

    def __init__(self, secret: str, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._signers: dict[Purpose, Signer] = {
            purpose: Signer(
                secret, salt=f"dateline.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256
            )
            for purpose in AGES
        }
        # The signer derives its key anew each time, which takes longer than signing; a digest needs two links a reader.
        self._keys = {purpose: signer.derive_key() for purpose, signer in self._signers.items()}

    def token(self, purpose: Purpose, public_id: str, now: datetime) -> str:
        """The opaque part of a link: who, since when, and the signature; no address, no padding, no `=`."""
        value = b".".join((public_id.encode(), _stamp(now)))
        return b".".join((value, base64_encode(hmac.digest(self._keys[purpose], value, "sha256")))).decode()

    def url(self, purpose: Purpose, public_id: str, now: datetime) -> str:
        """The whole address of a link."""
        return f"{self._base}/{purpose}/{self.token(purpose, public_id, now)}"

    def read(self, purpose: Purpose, token: str, now: datetime) -> str:
        """The public id that a token was made for; raises ForgedLinkError or OldLinkError."""
        try:
            public_id, stamp = self._signers[purpose].unsign(token).decode().split(".")
            made = datetime.fromtimestamp(int.from_bytes(base64_decode(stamp)), UTC)
        except (BadSignature, ValueError, OverflowError):
            raise ForgedLinkError(
                Sentence("This link is not complete. Copy all of it from the mail, or ask for a new one.")
            ) from None
        age = AGES[purpose]
        if age is not None and now - made > age:
            raise OldLinkError(
                Sentence(
                    "This link is older than %(days)s days and no longer works. Ask for a new one.",
                    days=age.days,
                )
            )
        return public_id


@lru_cache(maxsize=64)  # the links of an edition's readers are made for few moments
def _stamp(moment: datetime) -> bytes:
    return base64_encode(int_to_bytes(int(moment.timestamp())))

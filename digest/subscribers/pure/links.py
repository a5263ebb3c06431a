"""Signed links. A link lets its holder do one thing for one subscriber, and can't be forged."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

from itsdangerous import BadData, Signer
from itsdangerous.encoding import base64_decode, base64_encode, int_to_bytes

from digest.errors import InvalidInputError, TranslatableText

LinkPurpose = Literal["confirm", "owner", "preferences", "unsubscribe", "change", "address"]

ADDRESS_LINK_LIFETIME = timedelta(days=7)  # of the letter to a new address
# How long a link works. Unsubscribing must always work (CAN-SPAM asks for 30 days, RFC 8058 for a "reasonable" time).
MAX_AGES: dict[LinkPurpose, timedelta | None] = {
    "confirm": timedelta(days=7),
    "owner": timedelta(days=90),
    "preferences": timedelta(days=90),
    "unsubscribe": None,
    "change": timedelta(days=7),
    "address": ADDRESS_LINK_LIFETIME,
}
# How long the link of a letter, which only the holder of the mailbox gets, lets them see and delete personal data.
# After that it opens only what the links of digests do, which are forwarded together with the digests.
OWNER_LINK_LIFETIME = timedelta(minutes=15)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATHS: dict[LinkPurpose, str] = {"owner": "preferences"}  # where the path is not the name of the purpose
# Public id, time and signature. The signature has 32 octets, so 43 characters of base64; the time has 6.
TOKEN = re.compile(r"[\w-]{1,60}\.[\w-]{1,20}\.[\w-]{43}", re.ASCII)


class PreferencesLink(NamedTuple):
    """Whose preferences a link opens, and whether it proves that the mailbox is theirs."""

    public_id: str
    is_owner: bool


class ExpiredLinkError(InvalidInputError):
    """We made the link, but it is too old."""


class ForgedLinkError(InvalidInputError):
    """We did not make the link, or it was cut on its way."""


class SignedLinks:
    """Makes and verifies the links that go into mails."""

    def __init__(self, secret: str, base_url: str) -> None:
        self._base = base_url.rstrip("/")
        self._signers: dict[LinkPurpose, Signer] = {
            purpose: Signer(
                secret, salt=f"dateline.{purpose}", key_derivation="hmac", digest_method=hashlib.sha256
            )
            for purpose in MAX_AGES
        }
        # A Signer derives its key at each signing, which takes longer than the signing. Each digest has two links.
        self._keys = {purpose: signer.derive_key() for purpose, signer in self._signers.items()}

    def token(self, purpose: LinkPurpose, public_id: str, now: datetime) -> str:
        """The opaque part of a link: public id, time and signature.

        It has no address, and no `=`, which mails would encode as `=3D`.
        """
        value = b".".join((public_id.encode(), _encoded_time(now)))
        return b".".join((value, self._signature(purpose, value))).decode()

    def url(self, purpose: LinkPurpose, public_id: str, now: datetime) -> str:
        """The URL of a link."""
        return f"{self._base}/{PATHS.get(purpose, purpose)}/{self.token(purpose, public_id, now)}"

    def verify_preferences(self, token: str, now: datetime) -> PreferencesLink:
        """What a link to the preferences is for; raises ForgedLinkError or ExpiredLinkError."""
        try:
            public_id, made_at = self._read("owner", token, now)
        except ForgedLinkError:
            return PreferencesLink(self.verify("preferences", token, now), is_owner=False)
        return PreferencesLink(public_id, is_owner=now - made_at <= OWNER_LINK_LIFETIME)

    def verify(self, purpose: LinkPurpose, token: str, now: datetime) -> str:
        """The public id that a token was made for; raises ForgedLinkError or ExpiredLinkError."""
        return self._read(purpose, token, now)[0]

    def _read(self, purpose: LinkPurpose, token: str, now: datetime) -> tuple[str, datetime]:
        """The public id that a token was made for, and when it was made."""
        try:
            public_id, encoded_time = self._verified_value(purpose, token.encode()).decode().split(".")
            made_at = EPOCH + timedelta(seconds=int.from_bytes(base64_decode(encoded_time)))
        except (BadData, ValueError, OverflowError):
            raise ForgedLinkError(
                TranslatableText(
                    "This link is not complete. Copy all of it from the mail, or ask for a new one."
                )
            ) from None
        max_age = MAX_AGES[purpose]
        if max_age is not None and now - made_at > max_age:
            raise ExpiredLinkError(
                TranslatableText(
                    "This link is older than %(days)s days and no longer works. Ask for a new one.",
                    days=max_age.days,
                )
            )
        return public_id, made_at

    def _signature(self, purpose: LinkPurpose, value: bytes) -> bytes:
        """BLAKE2 (RFC 7693) with a key: a third of the time of HMAC with SHA-256."""
        return base64_encode(hashlib.blake2b(value, key=self._keys[purpose], digest_size=32).digest())

    def _verified_value(self, purpose: LinkPurpose, token: bytes) -> bytes:
        value, _, signature = token.rpartition(b".")
        if hmac.compare_digest(signature, self._signature(purpose, value)):
            return value
        return self._signers[purpose].unsign(token)  # the form in earlier mails


def find_token(text: str) -> str:
    """The token in what was opened as a link, without what mail programs put around it; the text if there is none.

    >>> find_token("AbCd.x.0123456789abcdef0123456789abcdef0123456789a).")
    'AbCd.x.0123456789abcdef0123456789abcdef0123456789a'
    """
    match = TOKEN.search("".join(text.split()))
    return match[0] if match else text


@lru_cache(maxsize=64)  # the links of an edition have only a few different times
def _encoded_time(moment: datetime) -> bytes:
    return base64_encode(int_to_bytes(int(moment.timestamp())))

"""Links that count how often a story is opened. They are signed for an article in an edition, and for no reader.

Every reader of an edition gets the same link to an article, whatever regions they chose, so a link tells nothing about
who opened it.
"""

import hashlib
import hmac
import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

FIELDS = struct.Struct(">II")  # article and edition
SIGNATURE_OCTETS = 8  # nobody can try 2^64 signatures at a web server
TOKEN_LENGTH = 22  # characters of base64 for 16 octets; the mail has no room for long ones
TOKEN = re.compile(rf"[\w-]{{{TOKEN_LENGTH}}}", re.ASCII)
NO_EDITION = 0  # in the link of an edition that is not counted by itself
PATH = "/s/"


class CountedLink(NamedTuple):
    """What a link is for. `edition_id` may be NO_EDITION."""

    article_id: int
    edition_id: int


class CountedLinks:
    """Makes and reads the links of counted stories."""

    def __init__(self, secret: str, base_url: str) -> None:
        self.prefix = base_url.rstrip("/") + PATH
        self._key = hmac.digest(secret.encode(), b"dateline.story", "sha256")

    def url(self, link: CountedLink) -> str:
        """The URL of a link. All have the same length."""
        return self.prefix + self.token(link)

    def token(self, link: CountedLink) -> str:
        """The opaque part of a link. It has no `=`, which mails would encode as `=3D`."""
        value = FIELDS.pack(*link)
        return urlsafe_b64encode(value + self._signature(value)).decode().rstrip("=")

    def read(self, text: str) -> CountedLink | None:
        """What a token is for, whatever a mail program put behind it; None if we did not make it."""
        match = TOKEN.match(text)
        if match is None:
            return None
        octets = urlsafe_b64decode(match[0] + "==")
        value, signature = octets[: FIELDS.size], octets[FIELDS.size :]
        if not hmac.compare_digest(signature, self._signature(value)):
            return None
        return CountedLink(*FIELDS.unpack(value))

    def _signature(self, value: bytes) -> bytes:
        return hashlib.blake2b(value, key=self._key, digest_size=SIGNATURE_OCTETS).digest()

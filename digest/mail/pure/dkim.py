"""DKIM signatures (RFC 6376; Ed25519: RFC 8463). `cryptography` signs ten times faster than DKIM libraries."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from digest.errors import SettingsError

MIN_RSA_BITS = 1024  # bits that verifiers still accept (RFC 8301 asks signers for 2048)
# The fields about author, recipient and content, and those that mailbox providers act on.
SIGNED_HEADERS = frozenset(
    (
        "from", "to", "reply-to", "subject", "date", "message-id", "mime-version", "content-type",
        "content-transfer-encoding", "list-id", "list-help", "list-unsubscribe", "list-unsubscribe-post",
        "feedback-id", "precedence", "auto-submitted",
    )
)  # fmt: skip
# Listed once more than they occur, so that nobody can add another one in front (RFC 6376, section 8.15).
OVERSIGNED_HEADERS = (
    "from",
    "subject",
    "to",
    "date",
    "message-id",
    "content-type",
    "list-unsubscribe",
    "list-unsubscribe-post",
)
FOLDING = re.compile(rb"\r\n(?=[ \t])")
BLANKS = re.compile(rb"[ \t]+")


@dataclass(frozen=True)
class Signer:
    """One key, and the name under which its public half is published."""

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey

    @property
    def record_name(self) -> str:
        """The DNS name of the public key."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        """The TXT record to publish."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return f"v=DKIM1; k=rsa; p={base64.b64encode(octets).decode()}"
        octets = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k=ed25519; p={base64.b64encode(octets).decode()}"

    def signature_header(self, fields: Sequence[tuple[str, bytes]], body_hash: bytes, now: datetime) -> bytes:
        """The DKIM-Signature field over these canonical header fields and this body."""
        algorithm = "rsa" if isinstance(self.key, RSAPrivateKey) else "ed25519"
        names = [name for name, _ in fields]
        head = (
            f"DKIM-Signature: v=1; a={algorithm}-sha256; c=relaxed/simple; d={self.domain}; s={self.selector};\r\n"
            f"\tt={int(now.timestamp())}; bh={body_hash.decode()};\r\n"
            f"\th={_folded_names([*reversed(names), *OVERSIGNED_HEADERS])};\r\n\tb="
        ).encode()
        signed = b"".join([canonical + b"\r\n" for _, canonical in reversed(fields)] + [_relaxed(head)[1]])
        signature = base64.b64encode(self._sign(signed))
        lines = [signature[at : at + 72] for at in range(0, len(signature), 72)]
        return head + b"\r\n\t".join(lines) + b"\r\n"

    def _sign(self, octets: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(octets, padding.PKCS1v15(), SHA256())
        return self.key.sign(hashlib.sha256(octets).digest())


def sign_message(message: bytes, signers: Sequence[Signer], now: datetime) -> bytes:
    """A message with a signature by each signer on top. Its lines must end with CRLF, and none may begin with a dot."""
    if not signers:
        return message
    end = message.find(b"\r\n\r\n")
    body = message[end + 4 :]
    if body.endswith(b"\r\n\r\n") or not body.endswith(b"\r\n"):
        # "simple" canonicalization: empty lines at the end don't count (RFC 6376, 3.4.3).
        body = body.rstrip(b"\r\n") + b"\r\n"
    body_hash = base64.b64encode(hashlib.sha256(body).digest())
    lines = FOLDING.sub(b"", message[:end]).split(b"\r\n")
    fields = [pair for pair in map(_relaxed, lines) if pair[0] in SIGNED_HEADERS]
    return b"".join([*(signer.signature_header(fields, body_hash, now) for signer in signers), message])


def parse_signer(pem: str, domain: str, selector: str) -> Signer:
    """The signer with this private key in PEM; raises SettingsError."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise SettingsError(
            f"DKIM_KEY: is no private key in PEM without a password: {error} (example: openssl genrsa 2048)"
        ) from error
    if isinstance(key, RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        return Signer(domain, selector, key)
    if isinstance(key, Ed25519PrivateKey):
        return Signer(domain, selector, key)
    raise SettingsError(
        "DKIM_KEY: is neither RSA of 1024 bits or more nor Ed25519 (example: openssl genrsa 2048)"
    )


def _relaxed(line: bytes) -> tuple[str, bytes]:
    """A header field's name, and the field in relaxed form without its line end (RFC 6376, section 3.4.2)."""
    name, _, value = FOLDING.sub(b"", line).partition(b":")
    lower = name.strip().lower()
    return lower.decode("ascii", "replace"), lower + b":" + BLANKS.sub(b" ", value).strip()


def _folded_names(names: Sequence[str]) -> str:
    lines, line = [], ""
    for name in names:
        if len(line) + len(name) > 68:
            lines.append(line)
            line = ""
        line += name + ":"
    return "\r\n\t ".join([*lines, line]).rstrip(":")

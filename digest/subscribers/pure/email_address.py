"""E-mail addresses: checking them, their keys and hashes, and finding them in a text."""

import hashlib
import hmac
import re
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from digest.errors import InvalidInputError, TranslatableText

MAX_EMAIL_LENGTH = 254  # characters; RFC 5321, section 4.5.3.1.3: 256 with the angle brackets
# A local part may contain nearly any character, so the domain decides where an address ends.
ADDRESS_PATTERN = re.compile(
    r"""(?:"[^"\r\n]{1,64}"|[^\s<>()\[\]{},;:"'|\\@]{1,200})@(?:[\w-]{1,63}\.){0,10}[\w-]{1,63}"""
)


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A normalised address, and its case-folded key. Each key has at most one subscriber."""

    email: str
    key: str


def parse_address(text: str) -> EmailAddress:
    """An address whose syntax is right; nothing is looked up. Raises InvalidInputError with the reason.

    Local parts beyond ASCII are refused: few relays offer SMTPUTF8 (RFC 6531). Domains may be international (RFC 5891).
    """
    text = text.strip()
    if len(text) > MAX_EMAIL_LENGTH:  # first, because the check below is slow for long texts
        raise InvalidInputError(
            TranslatableText(
                '"%(text)s…" is not an e-mail address: it has %(length)s characters, and %(most)s is the most.',
                text=text[:79],
                length=len(text),
                most=MAX_EMAIL_LENGTH,
            )
        )
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        shown = text if len(text) <= 80 else text[:79] + "…"
        raise InvalidInputError(
            TranslatableText('"%(text)s" is not an e-mail address (example: ann@example.org).', text=shown)
        ) from error
    email = checked.ascii_email or checked.normalized
    return EmailAddress(email=email, key=email.casefold())


def address_hash(secret: str, key: str) -> str:
    """HMAC-SHA256 of an address key, as a suppression stores it: nobody can read or guess the address from it."""
    return hmac.new(secret.encode(), b"address\0" + key.encode(), hashlib.sha256).hexdigest()


def redact_addresses(text: str) -> str:
    """The text with "…" in place of each address."""
    return ADDRESS_PATTERN.sub("…", text)

"""What an e-mail address is to us: one that can be written to, and the key under which it is known once."""

import hashlib
import hmac
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

from digest.errors import InvalidInputError, Sentence

LONGEST = 254  # characters; RFC 5321, section 4.5.3.1.3: a path of 256 octets with its brackets


@dataclass(frozen=True, slots=True)
class Address:
    """An address as typed (normalised), and its case-folded key."""

    email: str
    key: str


def read_address(text: str) -> Address:
    """Check an address by syntax alone, nothing is looked up; raises InvalidInputError with the reason.

    Local parts beyond ASCII are refused: few relays offer SMTPUTF8 (RFC 6531). Domains may be international (RFC 5891).
    """
    text = text.strip()
    if len(text) > LONGEST:  # before anything looks at it closely, which takes time
        raise InvalidInputError(
            Sentence(
                '"%(text)s…" is not an e-mail address: it has %(length)s characters, and %(most)s is the most.',
                text=text[:79],
                length=len(text),
                most=LONGEST,
            )
        )
    try:
        checked = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        shown = text if len(text) <= 80 else text[:79] + "…"
        raise InvalidInputError(
            Sentence('"%(text)s" is not an e-mail address (example: ann@example.org).', text=shown)
        ) from error
    email = checked.ascii_email or checked.normalized
    return Address(email=email, key=email.casefold())


def address_hash(secret: str, key: str) -> str:
    """What remains of an erased address: HMAC-SHA256 of its key, so that the list can't be read or guessed at."""
    return hmac.new(secret.encode(), b"address\0" + key.encode(), hashlib.sha256).hexdigest()

"""E-mail addresses: checking them, their keys and hashes, and finding them in a text."""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from digest.errors import InvalidInputError, TranslatableText
from digest.line_text import is_invisible, strip_invisible

MAX_EMAIL_LENGTH = 254  # characters; RFC 5321, section 4.5.3.1.3: 256 with the angle brackets
# A local part may contain nearly any character, so the domain decides where an address ends.
ADDRESS_PATTERN = re.compile(
    r"""(?:"[^"\r\n]{1,64}"|[^\s<>()\[\]{},;:"'|\\@]{1,200})@(?:[\w-]{1,63}\.){0,10}[\w-]{1,63}"""
)

MAX_PASTED_LENGTH = 1_000  # characters of an address with a name and a link around it
# What keyboards, word processors and PDF files write for ASCII characters of an address.
TYPED_AS = str.maketrans(
    {chr(0xFF01 + code): chr(0x21 + code) for code in range(94)}  # full width: U+FF20 for @
    | {"\ufe6b": "@", "\u3002": ".", "\uff61": ".", "\u2010": "-", "\u2011": "-"}
    | {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl"}
)
WITHOUT_JOINERS = {0x200C: None, 0x200D: None}
NAME_AND_ADDRESS = re.compile(r"([^<>]*)<([^<>]+)>[\s.,;]*")
SENTENCE_ENDS = ".,;:!?…"
CLOSING = ")]}>\"'”’»“‘"  # “ and ‘ close quotes in German
OPENING = "([{<\"'“‘«„‚"
IMPOSSIBLE_IN_LOCAL_PART = re.compile(r"[^A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]")
# email-validator refuses joiners too.
IMPOSSIBLE_IN_DOMAIN = re.compile(r"[\x00-,/:-@\[-`{-\x7f\u200c\u200d]|\s")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """A normalised address, and its case-folded key. Each key has at most one subscriber."""

    email: str
    key: str


def parse_address(text: str) -> EmailAddress:
    """An address whose syntax is right; nothing is looked up. Raises InvalidInputError with the reason.

    What people paste around an address is removed: see `tidy_address`.
    Local parts beyond ASCII are refused: few relays offer SMTPUTF8 (RFC 6531). Domains may be international (RFC 5891).
    """
    text = strip_invisible(text)
    if len(text) > MAX_PASTED_LENGTH:  # first, because the checks below are slow for long texts
        raise _too_long(text)
    address = tidy_address(text)
    if len(address) > MAX_EMAIL_LENGTH:
        raise _too_long(address)
    # Mail programs would decode what looks like an encoded word (RFC 2047) and show another address.
    if "=?" in address:
        raise _invalid(text, address)
    try:
        checked = validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise _invalid(text, address) from error
    email = checked.ascii_email or checked.normalized
    return EmailAddress(email=email, key=email.casefold())


def tidy_address(text: str) -> str:
    """The address in what somebody typed or pasted, as it is meant to be.

    It is taken out of `Ann <ann@example.org>`, `mailto:` links, quotes and brackets. Invisible characters and
    punctuation at the end are removed, and full-width letters become ASCII.

    >>> tidy_address("\u200bmailto:ann＠example.org.")
    'ann@example.org'
    """
    text = "".join(char for char in text.translate(TYPED_AS) if not _is_format_character(char))
    text = strip_invisible(text)
    in_brackets = NAME_AND_ADDRESS.fullmatch(text)
    if in_brackets and _addresses_in(in_brackets[1]) <= _addresses_in(in_brackets[2]):
        text = in_brackets[2]
    ending = text[len(text.rstrip(SENTENCE_ENDS + CLOSING)) :]
    text = text.removesuffix(ending)
    if set(ending) & set(CLOSING):
        text = text.lstrip(OPENING)
    if text[:7].lower() == "mailto:":
        text = unquote(text[7:].partition("?")[0])
    local_part, at, domain = text.rpartition("@")
    if domain.translate(WITHOUT_JOINERS).isascii():
        domain = domain.translate(WITHOUT_JOINERS)
    return strip_invisible(local_part.translate(WITHOUT_JOINERS) + at + domain)


def _addresses_in(text: str) -> frozenset[str]:
    return frozenset(address.casefold() for address in ADDRESS_PATTERN.findall(text))


def _is_format_character(char: str) -> bool:
    """Whether a character has no meaning in any address. A joiner has one: it can make another domain (RFC 5892)."""
    return unicodedata.category(char) == "Cf" and ord(char) not in WITHOUT_JOINERS


def _too_long(text: str) -> InvalidInputError:
    return InvalidInputError(
        TranslatableText(
            '"%(text)s…" is not an e-mail address: it has %(length)s characters, and %(most)s is the most.',
            text=text[:79],
            length=len(text),
            most=MAX_EMAIL_LENGTH,
        )
    )


def _invalid(text: str, address: str) -> InvalidInputError:
    """What is wrong with a text that is no address, as precisely as we can say it."""
    shown = text if len(text) <= 80 else text[:79] + "…"
    if len(_addresses_in(text)) > 1:
        return InvalidInputError(
            TranslatableText('"%(text)s" is not an e-mail address but several. Enter one.', text=shown)
        )
    if text and "@" not in address:
        return InvalidInputError(
            TranslatableText(
                '"%(text)s" is not an e-mail address: it has no @ (example: ann@example.org).', text=shown
            )
        )
    if any(map(str.isspace, address)):
        return InvalidInputError(
            TranslatableText(
                '"%(text)s" is not an e-mail address: it has a space (example: ann@example.org).', text=shown
            )
        )
    if character := _impossible_character(address):
        return InvalidInputError(
            TranslatableText(
                '"%(text)s" is not an e-mail address: %(character)s can\'t be part of it (example: ann@example.org).',
                text=shown,
                character=character,
            )
        )
    return InvalidInputError(
        TranslatableText('"%(text)s" is not an e-mail address (example: ann@example.org).', text=shown)
    )


def _impossible_character(address: str) -> str:
    """The first character that no address may have, with its number in Unicode; "" if there is none."""
    if "=?" in address:
        return '"=?"'
    local_part, _, domain = address.rpartition("@")
    match = IMPOSSIBLE_IN_LOCAL_PART.search(local_part) or IMPOSSIBLE_IN_DOMAIN.search(domain)
    if not match:
        return ""
    code = f"U+{ord(match[0]):04X}"
    return code if is_invisible(match[0]) else f'"{match[0]}" ({code})'


def address_hash(secret: str, key: str) -> str:
    """HMAC-SHA256 of an address key, as a suppression stores it: nobody can read or guess the address from it."""
    return hmac.new(secret.encode(), b"address\0" + key.encode(), hashlib.sha256).hexdigest()


def redact_addresses(text: str) -> str:
    """The text with "…" in place of each address."""
    return ADDRESS_PATTERN.sub("…", text)

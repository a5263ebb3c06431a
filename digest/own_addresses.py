"""The addresses of the site itself, as its settings have them: host names, the From mailbox, the web address.

They are checked and made ASCII here, once. Whatever is made of them needs no second parser and no encoding.
"""

import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from ipaddress import IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

import idna

from digest.line_text import clean_line, is_one_line

LOCAL_HOSTS = frozenset(("127.0.0.1", "localhost", "::1"))
MAX_HOST_LENGTH = 253  # characters of a name in the DNS (RFC 1035, section 2.3.4, without length octets)
MAX_LOCAL_PART_LENGTH = 64  # octets; RFC 5321, section 4.5.3.1.1
# The underscore is in names of machines and containers, but in no domain of mail.
HOST_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
QUOTED_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
MAILBOX_WITH_NAME = re.compile(r"(.*)<([^<>]*)>")
ENCODED_WORD = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=")  # RFC 2047
INCOMPLETE_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
MAILBOX_EXAMPLE = "Dateline <news@example.org>"
URL_EXAMPLE = "https://news.example.org"


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """Whom mail is from: a display name in Unicode, perhaps empty, and an address in ASCII."""

    name: str
    address: str

    @property
    def domain(self) -> str:
        """The domain of the address."""
        return self.address.rpartition("@")[2]

    @property
    def text(self) -> str:
        """The mailbox as people write it, and as `parse_mailbox` reads it."""
        return f"{self.name} <{self.address}>" if self.name else self.address


def ascii_host(text: str) -> str:
    """A host name in lower-case ASCII: `xn--…` for an international one (RFC 5891). Raises ValueError if it is none.

    >>> ascii_host("Straße.example.")
    'xn--strae-oqa.example'
    """
    try:
        host = text.lower() if text.isascii() else idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"{text!r} is not a host name: {error}") from error
    host = host.removesuffix(".")
    if len(host) > MAX_HOST_LENGTH or not all(map(HOST_LABEL.fullmatch, host.split("."))):
        raise ValueError(f"{text!r} is not a host name")
    return host


def ascii_domain(text: str) -> str:
    """A domain for mail, as `ascii_host` writes it. Raises ValueError."""
    domain = ascii_host(text)
    if "_" in domain:
        raise ValueError(f"{text!r} is not a domain")
    return domain


def parse_mailbox(text: str) -> NamedAddress:
    """A mailbox with or without a display name. The name needs no quotes, whatever characters it has.

    Raises ValueError.
    """
    if not is_one_line(text):
        raise ValueError(f"{text!r} has a control character (example: {MAILBOX_EXAMPLE})")
    text = clean_line(text)
    match = MAILBOX_WITH_NAME.fullmatch(text)
    name, address = (match[1].strip(), match[2].strip()) if match else ("", text)
    if re.search(r"<[^<>]*@[^<>]*>", name):
        raise ValueError(f"{text!r} is more than one mailbox (example: {MAILBOX_EXAMPLE})")
    local_part, at, domain = address.rpartition("@")
    if not at or not DOT_ATOM.fullmatch(local_part) or len(local_part) > MAX_LOCAL_PART_LENGTH:
        raise ValueError(f"{text!r} is not a mailbox (example: {MAILBOX_EXAMPLE})")
    try:
        return NamedAddress(_display_name(name), f"{local_part}@{ascii_domain(domain)}")
    except ValueError as error:
        raise ValueError(f"{error}, in {text!r} (example: {MAILBOX_EXAMPLE})") from error


def _display_name(text: str) -> str:
    """A display name as people read it: without its quotes, and decoded if it was encoded for a header."""
    if quoted := QUOTED_STRING.fullmatch(text):
        text = re.sub(r"\\(.)", r"\1", quoted[1])
    if ENCODED_WORD.search(text):
        try:
            text = str(make_header(decode_header(text)))
        except (HeaderParseError, LookupError, UnicodeError) as error:
            raise ValueError(f"{text!r} can't be decoded; write the name in plain letters") from error
    return clean_line(text)


def parse_site_url(text: str) -> str:
    """The address of the site in ASCII, without a slash at its end: scheme, host, perhaps a port and a path.

    An international host becomes `xn--…`, and other characters of the path are percent-encoded. Raises ValueError.

    >>> parse_site_url("HTTPS://Новости.example/")
    'https://xn--b1amnebsh.example'
    """
    if "@" in re.split("[/?#]", text.partition("//")[2])[0]:
        raise ValueError(f"must have no user name or password (example: {URL_EXAMPLE})")
    try:
        parts = urlsplit(text)
        problem = _site_url_problem(text, parts)
        host = "" if problem else _url_host(parts.hostname or "")
    except ValueError as error:
        raise ValueError(f"{error} (example: {URL_EXAMPLE})") from error
    if problem:
        raise ValueError(f"{problem} (example: {URL_EXAMPLE})")
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{quote(parts.path, safe='/%:@+=~')}".rstrip("/")


def _site_url_problem(text: str, parts: SplitResult) -> str:
    if any(character.isspace() for character in text) or not is_one_line(text):
        return f"{text!r} has a space or a control character"
    if parts.scheme not in {"http", "https"}:
        return f'"{parts.scheme}:" is none of http:, https:'
    if not parts.hostname or parts.port == 0:
        return f"{text!r} has no {'port' if parts.hostname else 'host'}"
    if "?" in text or "#" in text:
        return f"{text!r} must end before its ? or #"
    if INCOMPLETE_ESCAPE.search(parts.path):
        return f"{text!r} has a % without two hexadecimal digits"
    return ""


def _url_host(host: str) -> str:
    if ":" not in host:
        return ascii_host(host)
    try:
        address = IPv6Address(host)
    except ValueError as error:
        raise ValueError(f"{host!r} is not an IPv6 address: {error}") from error
    if address.scope_id:
        raise ValueError(f"{host!r} has a zone, which other machines don't know")
    return f"[{address}]"

"""The mail servers that SMTP_URL names, and how each is to be used."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import parse_qs, unquote, urlsplit

from digest.errors import SettingsError

# Connections open at once to one server: 20 for each of two senders, as many as Postfix opens to a destination, and one
# for letters. Postfix takes 50 from one client
# (smtpd_client_connection_count_limit, default_destination_concurrency_limit; postconf(5)).
DEFAULT_CONNECTIONS = 41
# Mails over one connection: Exchange and Gmail relays announce 100 or more; reconnecting costs some round trips.
DEFAULT_MAX_MESSAGES = 1000
LETTER_CONNECTIONS = 1  # of each server, for letters alone, so that these don't wait for deliveries
LETTER_RATE_SHARE = 0.1  # of a rate
OPTIONS = ("tls", "connections", "per_connection", "rate", "weight", "token_file", "ca")


class TlsMode(StrEnum):
    """When a connection uses TLS: never, after STARTTLS, or from the first octet."""

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


DEFAULT_PORTS = {TlsMode.TLS: 465, TlsMode.STARTTLS: 587, TlsMode.NONE: 25}


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server."""

    host: str
    port: int
    tls: TlsMode
    user: str
    password: str
    max_connections: int
    max_messages: int = DEFAULT_MAX_MESSAGES  # mails over one connection
    rate: float = 0  # mails a second at most; 0: no limit
    weight: int = 1  # its share beside other servers; 0: only while no server with a weight can be used
    token_file: str = ""  # holds an OAuth 2 access token that another program keeps fresh
    ca: str = ""  # file with the certificates to trust instead of the system's

    @property
    def name(self) -> str:
        """Host and port, for messages and logs."""
        return f"{self.host}:{self.port}"

    def share_of_sender(self, senders: int) -> "Server":
        """The server with the limits for one of the senders of deliveries.

        The senders of deliveries and the sender of letters together may use what the server allows. There must be at
        least one connection for each (`max_senders`).
        """
        connections = max((self.max_connections - LETTER_CONNECTIONS) // senders, 1)
        return replace(self, max_connections=connections, rate=self.rate * (1 - LETTER_RATE_SHARE) / senders)

    def share_of_letters(self) -> "Server":
        """The server with the limits for the sender of letters."""
        return replace(self, max_connections=LETTER_CONNECTIONS, rate=self.rate * LETTER_RATE_SHARE)


def max_senders(servers: Sequence[Server], wanted: int) -> int:
    """How many senders can share the servers: `wanted`, or fewer if a server has not a connection for each.

    A server with a single connection gets one more for letters.
    """
    return min([wanted, *(max(server.max_connections - LETTER_CONNECTIONS, 1) for server in servers)])


def parse_smtp_url(text: str) -> tuple[Server, ...]:
    """Parse one or more URLs such as `smtp://user:pass@host:587/?tls=starttls`, with spaces between them.

    Raises SettingsError.
    """
    servers = tuple(_parse_server(url) for url in text.split())
    if not servers:
        raise SettingsError("SMTP_URL: names no server (example: smtp://localhost:25)")
    return servers


def _parse_server(url: str) -> Server:
    """`smtps:` means TLS from the first octet. With a user name the default is STARTTLS, so that no password is sent
    in clear text."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = "tls" if parts.scheme == "smtps" else options.get("tls", "starttls" if parts.username else "none")
    if not parts.hostname:
        raise SettingsError("SMTP_URL: names no host (example: smtp://localhost:25)")
    if tls not in list(TlsMode):
        raise SettingsError(f'SMTP_URL: tls="{tls}" is none of starttls, tls, none')
    if unknown := options.keys() - set(OPTIONS):
        raise SettingsError(
            f"SMTP_URL: unknown option {', '.join(sorted(unknown))}; there are {', '.join(OPTIONS)}"
        )
    mode = TlsMode(tls)
    return Server(
        host=parts.hostname,
        port=parts.port or DEFAULT_PORTS[mode],
        tls=mode,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        max_connections=_whole_number(options, "connections", DEFAULT_CONNECTIONS, 1, 200),
        max_messages=_whole_number(options, "per_connection", DEFAULT_MAX_MESSAGES, 1, 1_000_000),
        rate=_whole_number(options, "rate", 0, 0, 100_000),
        weight=_whole_number(options, "weight", 1, 0, 1000),
        token_file=options.get("token_file", ""),
        ca=options.get("ca", ""),
    )


def _whole_number(options: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = options.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(f'SMTP_URL: {name}="{text}" is not a whole number from {low} to {high}')
    return int(text)

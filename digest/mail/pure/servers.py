"""Which mail servers there are and how each wants to be treated: what SMTP_URL says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from digest.errors import SettingsError

# Open at once to one server, by all senders together: Postfix takes 50 from one client, and itself opens 20
# (smtpd_client_connection_count_limit, default_destination_concurrency_limit; postconf(5)).
CONNECTIONS = 20
# Mails over one connection: Exchange and Gmail relays announce 100 or more; reconnecting costs some round trips.
PER_CONNECTION = 1000
OPTIONS = ("tls", "connections", "per_connection", "rate", "weight", "token_file", "ca")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, as SMTP_URL names it."""

    host: str
    port: int
    tls: str  # none | starttls | tls
    user: str
    password: str
    connections: int
    per_connection: int = PER_CONNECTION
    rate: int = 0  # mails a second at most; 0: as many as it takes
    weight: int = 1  # its share beside other servers; 0: only when none of the others answers
    token_file: str = ""  # holds an OAuth 2 access token, that somebody keeps fresh
    ca: str = ""  # file with the certificates to trust instead of the system's

    @property
    def name(self) -> str:
        """For messages and logs."""
        return f"{self.host}:{self.port}"

    def shared_by(self, senders: int) -> "Server":
        """One sender's part of what this server allows all of them together."""
        connections = max(1, self.connections // senders)
        rate = max(1, self.rate // senders) if self.rate else 0
        return Server(
            self.host, self.port, self.tls, self.user, self.password, connections,
            self.per_connection, rate, self.weight, self.token_file, self.ca,
        )  # fmt: skip


def read_smtp_url(text: str) -> tuple[Server, ...]:
    """Read one or more `smtp://user:pass@host:587/?tls=starttls`, apart by blanks; raises SettingsError."""
    servers = tuple(_server(url) for url in text.split())
    if not servers:
        raise SettingsError("SMTP_URL: names no server (example: smtp://localhost:25)")
    return servers


def _server(url: str) -> Server:
    """`smtps:` means TLS from the first octet. With a user name, TLS defaults to starttls: a password never goes in
    clear."""
    parts = urlsplit(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    tls = "tls" if parts.scheme == "smtps" else options.get("tls", "starttls" if parts.username else "none")
    if not parts.hostname:
        raise SettingsError("SMTP_URL: names no host (example: smtp://localhost:25)")
    if tls not in ("none", "starttls", "tls"):
        raise SettingsError(f'SMTP_URL: tls="{tls}" is none of starttls, tls, none')
    if unknown := options.keys() - set(OPTIONS):
        raise SettingsError(
            f"SMTP_URL: unknown option {', '.join(sorted(unknown))}; there are {', '.join(OPTIONS)}"
        )
    return Server(
        host=parts.hostname,
        port=parts.port or {"tls": 465, "starttls": 587, "none": 25}[tls],
        tls=tls,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        connections=_whole(options, "connections", CONNECTIONS, 1, 200),
        per_connection=_whole(options, "per_connection", PER_CONNECTION, 1, 1_000_000),
        rate=_whole(options, "rate", 0, 0, 100_000),
        weight=_whole(options, "weight", 1, 0, 1000),
        token_file=options.get("token_file", ""),
        ca=options.get("ca", ""),
    )


def _whole(options: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = options.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise SettingsError(f'SMTP_URL: {name}="{text}" is not a whole number from {low} to {high}')
    return int(text)

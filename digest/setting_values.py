"""How the text of a setting becomes a value; a ValueError says what would be right, with an example."""

import contextlib
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.errors import SettingsError

Reader = Callable[[str], Any]
DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")  # as SMTP has it; international ones as xn--
SHORTEST_SECRET = 32  # characters


def flag(text: str) -> bool:
    """Yes or no."""
    if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise ValueError(f'"{text}" is neither yes nor no (example: 1)')
    return text.lower() in {"1", "true", "yes"}


def whole(low: int, high: int) -> Reader:
    """A whole number within these bounds."""

    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f'"{text}" is not a whole number from {low} to {high}')
        return int(text)

    return read


def one_of(*allowed: str) -> Reader:
    """One of these words."""

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f'"{text}" is none of {", ".join(allowed)}')
        return text

    return read


def url(example: str, *schemes: str) -> Reader:
    """A URL of one of these schemes; of http, without a slash at its end."""

    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            port = text.rpartition("@")[2].partition("/")[0].rpartition(":")[2] or text.rpartition(":")[2]
            raise ValueError(f'port "{port.split("/")[0]}" is not a number (example: {example})') from None
        if parts.scheme not in schemes:
            raise ValueError(
                f'"{parts.scheme}:" is none of {", ".join(s + ":" for s in schemes)} (example: {example})'
            )
        return text.rstrip("/") if "http" in schemes else text

    return read


def urls(example: str, *schemes: str) -> Reader:
    """Several such URLs, apart by blanks."""
    one = url(example, *schemes)

    def read(text: str) -> str:
        return " ".join(one(url) for url in text.replace(",smtp", " smtp").split())

    return read


def domain_rates(text: str) -> tuple[tuple[str, int], ...]:
    """Rates by domain: `gmail.com=20,example.org=0`."""
    rates = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        name, equals, rate = item.partition("=")
        if not (equals and rate.strip().isdecimal() and len(rate) < 7):
            raise ValueError(f'"{item}" is not a domain and a rate (example: gmail.com=20,example.org=0)')
        rates.append((domain(name.strip()).lower(), int(rate)))
    return tuple(rates)


def mailbox(text: str) -> str:
    """A mailbox, with or without a name."""
    address = text.rpartition("<")[2].removesuffix(">").strip()
    local, _, domain = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and not set(address) & set(" <>,;:")
    if not (local and plain and DOMAIN.fullmatch(domain)) or not text.isprintable():
        raise ValueError(f"{text!r} is not a mailbox (example: Dateline <news@example.org>)")
    return text


def domain(text: str) -> str:
    """A domain name."""
    if not DOMAIN.fullmatch(text):
        raise ValueError(
            f"{text!r} is not a domain in ASCII (examples: bounces.example.org, xn--bcher-kva.example)"
        )
    return text


def host_port(text: str) -> str:
    """A host and a port."""
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and int(port) <= 65535):
        raise ValueError(f'"{text}" is not host:port (example: 127.0.0.1:8024)')
    return text


def long_enough(text: str) -> str:
    """A secret of enough characters."""
    if complaint := too_short(text):
        raise ValueError(complaint)
    return text


def login(text: str) -> str:
    """A user and a password of enough characters."""
    user, _, password = text.partition(":")
    if not user or len(password) < 12:
        raise ValueError("is not user:password with a password of 12 characters or more")
    return text


def topics(text: str) -> frozenset[str]:
    """ARNs of Amazon SNS topics."""
    items = [item.strip() for item in text.split(",") if item.strip()]
    for item in items:
        if not re.fullmatch(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+", item):
            raise ValueError(f'"{item}" is not a topic (example: arn:aws:sns:eu-west-1:123456789012:bounces)')
    return frozenset(items)


def host_ports(text: str) -> frozenset[str]:
    """Pairs of host and port."""
    items = [item.strip().lower() for item in text.split(",") if item.strip()]
    for item in items:
        host, colon, port = item.rpartition(":")
        if not (host and colon and port.isdecimal()):
            raise ValueError(f'"{item}" is not host:port (example: 127.0.0.1:8099,news.intern:80)')
    return frozenset(items)


def too_short(secret: str) -> str:
    """What is wrong with a secret that is too short; "" when nothing is."""
    if len(secret) >= SHORTEST_SECRET:
        return ""
    return (
        f"{len(secret)} characters are too few to be a secret; "
        f"use {SHORTEST_SECRET} or more (example: openssl rand -hex 32)"
    )


def kept_secret(var: Path) -> str:
    """The secret under `var/`, made by whoever asks first. It is linked into place whole: a second process that
    starts at the same moment must not read a file that is still empty. Raises SettingsError."""
    path, made = var / "secret_key", var / f"secret_key.{secrets.token_hex(8)}"
    try:
        var.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(SHORTEST_SECRET))
            with contextlib.suppress(FileExistsError):  # made by another process a moment ago
                os.link(made, path)
            made.unlink()
        kept = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"SECRET_KEY: can't be kept under DATELINE_VAR: {error}") from error
    if complaint := too_short(kept):
        raise SettingsError(f"SECRET_KEY: {complaint}; it was read from {path}")
    return kept

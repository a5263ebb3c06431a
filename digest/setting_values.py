"""Parsers for the values of settings. Each raises a ValueError that says what is expected, with an example."""

import base64
import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from digest import own_addresses, private_files
from digest.errors import SettingsError

ValueParser = Callable[[str], Any]
YES_WORDS, NO_WORDS = frozenset(("1", "yes", "on", "true")), frozenset(("0", "no", "off", "false"))
MIN_SECRET_LENGTH = 32  # characters
MIN_WEBHOOK_KEY_LENGTH, MAX_WEBHOOK_KEY_LENGTH = 24, 64  # octets, as Standard Webhooks asks
MIN_LOGIN_PASSWORD_LENGTH = 12  # characters


def setting(
    name: str, description: str, parse: ValueParser = str, *, default: Any = MISSING, secret: bool = False
) -> Any:
    """A field of `Settings`: its name in the environment, what it is for, and the parser of its text."""
    metadata = {"name": name, "description": description, "parse": parse, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


def raw_text(environ: Mapping[str, str], setting_field: Field[Any]) -> str:
    """The text of a setting, "" if it is unset. A secret may also be in a file, which NAME_FILE names."""
    name = setting_field.metadata["name"]
    file = environ.get(name + "_FILE", "") if setting_field.metadata["secret"] else ""
    if file and environ.get(name):
        raise ValueError(f"is set, and so is {name}_FILE; unset one of them")
    return Path(file).read_text().strip() if file else environ.get(name, "").strip()


def flag(text: str) -> bool:
    """Yes or no."""
    if text.lower() not in YES_WORDS | NO_WORDS:
        raise ValueError(f'"{text}" is neither yes nor no (use 1, yes, on or true; 0, no, off or false)')
    return text.lower() in YES_WORDS


def integer_between(low: int, high: int) -> ValueParser:
    """A whole number from `low` to `high`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f'"{text}" is not a whole number from {low} to {high}')
        return int(text)

    return parse


def one_of(*allowed: str) -> ValueParser:
    """One of these words."""

    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f'"{text}" is none of {", ".join(allowed)}')
        return text

    return parse


# The kinds that an operator may add to hard news. A test compares them with those of `digest.articles.states`.
OPTIONAL_KINDS = frozenset(
    {"sport", "culture", "lifestyle", "opinion", "live", "roundup", "gallery", "video", "podcast", "service"}
)


def kinds_of_articles(text: str) -> frozenset[str]:
    """Kinds of articles, separated by commas."""
    kinds = frozenset(filter(None, (kind.strip().lower() for kind in text.split(","))))
    if unknown := sorted(kinds - OPTIONAL_KINDS):
        raise ValueError(
            f'"{unknown[0]}" is none of {", ".join(sorted(OPTIONAL_KINDS))} (example: sport,culture)'
        )
    return kinds


def url(example: str, *schemes: str) -> ValueParser:
    """A URL of one of `schemes`."""

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            _ = parts.port  # raises a ValueError if it is not a number
        except ValueError:
            port = text.rpartition("@")[2].partition("/")[0].rpartition(":")[2] or text.rpartition(":")[2]
            raise ValueError(f'port "{port.split("/")[0]}" is not a number (example: {example})') from None
        if parts.scheme not in schemes:
            raise ValueError(
                f'"{parts.scheme}:" is none of {", ".join(scheme + ":" for scheme in schemes)} (example: {example})'
            )
        return text

    return parse


def urls(example: str, *schemes: str) -> ValueParser:
    """URLs of `schemes`, separated by spaces, or by commas before `smtp`."""
    parse_url = url(example, *schemes)

    def parse(text: str) -> str:
        return " ".join(parse_url(item) for item in text.replace(",smtp", " smtp").split())

    return parse


def domain_rates(text: str) -> tuple[tuple[str, int], ...]:
    """Pairs of a domain and a rate: `gmail.com=20,example.org=0`."""
    rates = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        domain_name, equals, rate = item.partition("=")
        if not (equals and rate.strip().isdecimal() and len(rate) < 7):
            raise ValueError(f'"{item}" is not a domain and a rate (example: gmail.com=20,example.org=0)')
        rates.append((domain(domain_name.strip()), int(rate)))
    return tuple(rates)


def domain(text: str) -> str:
    """A domain name; an international one in Unicode or as `xn--…`."""
    try:
        return own_addresses.ascii_domain(text)
    except ValueError as error:
        raise ValueError(f"{error} (examples: bounces.example.org, bücher.example)") from error


def host_port(text: str) -> str:
    """A host and a port."""
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and int(port) <= 65535):
        raise ValueError(f'"{text}" is not host:port (example: 127.0.0.1:8024)')
    return text


def strong_secret(text: str) -> str:
    """A secret of at least `MIN_SECRET_LENGTH` characters."""
    if problem := secret_problem(text):
        raise ValueError(problem)
    return text


def webhook_secret(text: str) -> str:
    """A secret of Standard Webhooks: `whsec_` and 24 to 64 octets in base64."""
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not text.startswith("whsec_") or not MIN_WEBHOOK_KEY_LENGTH <= len(key) <= MAX_WEBHOOK_KEY_LENGTH:
        raise ValueError(
            "must be whsec_ and 24 to 64 octets in base64 "
            '(example: the output of `echo "whsec_$(openssl rand -base64 32)"`)'
        )
    return text


def time_zone(text: str) -> str:
    """The name of a time zone in the IANA database."""
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{text}" is not a time zone (example: Asia/Almaty)') from None


def login(text: str) -> str:
    """A user name and a password: `user:password`."""
    user, _, password = text.partition(":")
    if not user or len(password) < MIN_LOGIN_PASSWORD_LENGTH:
        raise ValueError(
            f"must be user:password, with a password of at least {MIN_LOGIN_PASSWORD_LENGTH} characters"
        )
    return text


def sns_topics(text: str) -> frozenset[str]:
    """ARNs of Amazon SNS topics, comma-separated."""
    items = [item.strip() for item in text.split(",") if item.strip()]
    for item in items:
        if not re.fullmatch(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+", item):
            raise ValueError(f'"{item}" is not a topic (example: arn:aws:sns:eu-west-1:123456789012:bounces)')
    return frozenset(items)


def web_origins(text: str) -> frozenset[str]:
    """Origins of web sites, comma-separated, as browsers send them."""
    items = [item.strip().lower().rstrip("/") for item in text.split(",") if item.strip()]
    for item in items:
        if not re.fullmatch(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::\d{1,5})?", item):
            raise ValueError(f'"{item}" is not the origin of a site (example: https://www.example.org)')
    return frozenset(items)


def host_ports(text: str) -> frozenset[str]:
    """Pairs of host and port, comma-separated, in lower case."""
    items = [item.strip().lower() for item in text.split(",") if item.strip()]
    for item in items:
        host, colon, port = item.rpartition(":")
        if not (host and colon and port.isdecimal()):
            raise ValueError(f'"{item}" is not host:port (example: 127.0.0.1:8099,news.internal:80)')
    return frozenset(items)


def https_url(text: str) -> str:
    """A URL by https, or by http on this machine, without a slash at the end."""
    parts = urlsplit(text)
    if not parts.hostname or (parts.scheme != "https" and parts.hostname not in own_addresses.LOCAL_HOSTS):
        raise ValueError(f'"{text}" is not a URL by https (example: https://login.example.org/realms/news)')
    return text.rstrip("/")


def named_values(allowed: Sequence[str], example: str) -> ValueParser:
    """Pairs of a name and one of the allowed values, comma-separated."""

    def parse(text: str) -> tuple[tuple[str, str], ...]:
        pairs = []
        for item in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = item.rpartition("=")  # a name may have "=", as in LDAP
            if not (name and equals and value in allowed):
                raise ValueError(
                    f'"{item}" is not a name and one of {", ".join(allowed)} (example: {example})'
                )
            pairs.append((name, value))
        return tuple(pairs)

    return parse


def secret_problem(secret: str) -> str:
    """Why a secret can't be used; "" if it can."""
    if len(secret) >= MIN_SECRET_LENGTH:
        return ""
    return (
        f"{len(secret)} characters are too few to be a secret; "
        f"use {MIN_SECRET_LENGTH} or more (example: openssl rand -hex 32)"
    )


def load_or_create_secret(var: Path) -> str:
    """The secret in `var/secret_key`; the first process creates it. Raises SettingsError.

    A new secret is written to another file and then linked, so that a process that starts at the same moment never
    reads an empty file.
    """
    path, new_path = var / "secret_key", var / f"secret_key.{secrets.token_hex(8)}"
    try:
        private_files.create_private(var)
        if not path.exists():
            with os.fdopen(os.open(new_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(MIN_SECRET_LENGTH))
            with contextlib.suppress(FileExistsError):  # another process has just created it
                os.link(new_path, path)
            new_path.unlink()
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"SECRET_KEY: can't be kept under DATELINE_VAR: {error}") from error
    if problem := secret_problem(secret):
        raise SettingsError(f"SECRET_KEY: {problem}; it was read from {path}")
    return secret

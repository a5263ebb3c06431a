"""The secrets of tokens, what a request with one may do, and whether it comes from where it should."""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from digest.accounts.states import SCOPES_INCLUDED, Scope
from digest.errors import InvalidInputError, NewsroomText
from digest.line_text import is_one_line

SECRET_PREFIX = "dateline_"  # noqa: S105  -- so that scanners for leaked secrets find tokens
SECRET_OCTETS = 32
MAX_SECRET_LENGTH = 100  # characters of a header that are looked at
MAX_NAME_LENGTH = 64  # characters
MAX_NETWORKS = 20
MAX_LIFETIME = timedelta(days=3650)
USE_INTERVAL = timedelta(minutes=1)  # `last_used_at` is written at most this often


def new_secret() -> str:
    """A secret with 256 bits of chance, which nobody guesses; so its hash needs no salt and no slow function."""
    return SECRET_PREFIX + secrets.token_urlsafe(SECRET_OCTETS)


def secret_hash(secret: str) -> str:
    """What is stored of a secret: its hash, so that the time of a look-up tells nothing about the secret."""
    return hashlib.sha256(secret[:MAX_SECRET_LENGTH].encode("utf-8", "surrogatepass")).hexdigest()


def opened_scopes(scopes: Iterable[str]) -> frozenset[Scope]:
    """The scopes of a token with those that they include.

    >>> sorted(opened_scopes(["send"]))
    [<Scope.EDITORIAL: 'editorial'>, <Scope.READ: 'read'>, <Scope.SEND: 'send'>]
    """
    return frozenset().union(*(SCOPES_INCLUDED[Scope(scope)] for scope in scopes))


def is_within(address: str | None, networks: Collection[str]) -> bool:
    """Whether an address is in one of these networks; without networks, every address is.

    >>> is_within("192.0.2.7", ["192.0.2.0/24"]), is_within("::ffff:192.0.2.7", ["192.0.2.0/24"]), is_within(None, [])
    (True, True, True)
    """
    if not networks:
        return True
    try:
        parsed = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(mapped in ip_network(network) for network in networks)


def check_name(text: str) -> str:
    """The name of a program. Raises InvalidInputError."""
    name = text.strip()
    if not name or len(name) > MAX_NAME_LENGTH or not is_one_line(name):
        raise InvalidInputError(
            NewsroomText(
                '"%(name)s" can\'t be the name of a token: 1 to %(max_name_length)s characters (example: intranet).',
                name=name[:80],
                max_name_length=MAX_NAME_LENGTH,
            )
        )
    return name


def check_scopes(names: Iterable[str]) -> tuple[Scope, ...]:
    """The scopes with these names, each once. Raises InvalidInputError for none, and for an unknown one."""
    chosen = set(names)
    if unknown := sorted(chosen - set(Scope)):
        raise InvalidInputError(
            NewsroomText(
                '"%(unknown)s" is no scope; there are %(names)s.',
                unknown=unknown[0][:40],
                names=", ".join(Scope),
            )
        )
    if not chosen:
        raise InvalidInputError(
            NewsroomText("A token needs at least one scope; there are %(names)s.", names=", ".join(Scope))
        )
    return tuple(scope for scope in Scope if scope in chosen)


def check_networks(texts: Sequence[str]) -> tuple[str, ...]:
    """Networks in CIDR notation; a single address is one. Raises InvalidInputError."""
    if len(texts) > MAX_NETWORKS:
        raise InvalidInputError(
            NewsroomText(
                "%(count)s networks are too many; %(max_networks)s is the most.",
                count=len(texts),
                max_networks=MAX_NETWORKS,
            )
        )
    networks: dict[str, None] = {}
    for text in texts:
        try:
            networks[str(ip_network(text.strip()))] = None
        except ValueError:
            raise InvalidInputError(
                NewsroomText(
                    '"%(text)s" is not a network (example: 192.0.2.0/24 or 2001:db8::/48).',
                    text=text.strip()[:60],
                )
            ) from None
    return tuple(networks)


def check_lifetime(days: int | None) -> timedelta | None:
    """How long a token works; None: until it is revoked. Raises InvalidInputError."""
    if days is None:
        return None
    if not 1 <= days <= MAX_LIFETIME.days:
        raise InvalidInputError(
            NewsroomText(
                "%(days)s is not a number of days from 1 to %(days_2)s.", days=days, days_2=MAX_LIFETIME.days
            )
        )
    return timedelta(days=days)


def use_is_stale(last_used_at: datetime | None, now: datetime) -> bool:
    """Whether the last use is to be written again."""
    return last_used_at is None or now - last_used_at >= USE_INTERVAL

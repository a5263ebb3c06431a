"""Tokens of the API: creating, looking up and revoking them. The secret of a token is shown once and never stored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.accounts.audit import Actor, Change, record_security_event
from digest.accounts.models import ApiToken
from digest.accounts.pure import token_rules as rules
from digest.accounts.states import Face, Scope, SecurityEvent
from digest.accounts.store import api_tokens as store
from digest.database import Database
from digest.errors import ConflictError, DatelineError, NewsroomText, NotFoundError
from digest.networks import narrow_network


class TokenRefusedError(DatelineError):
    """There is no such token, or it was revoked or has expired. Only who sends its secret learns which."""


class WrongNetworkError(DatelineError):
    """The token is right, and the request comes from elsewhere."""


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """The program that sent a token with its request."""

    token_id: int
    name: str
    scopes: frozenset[Scope]  # with those that they include
    network: str  # where the request comes from
    allowed_networks: tuple[str, ...]  # none: anywhere
    expires_at: datetime | None

    def actor(self) -> Actor:
        """The program as the one who does something."""
        return Actor(f"token {self.name}", Face.API, self.network)


def create(
    db: Database,
    name: str,
    scopes: Iterable[str],
    *,
    actor: Actor,
    now: datetime,
    networks: Sequence[str] = (),
    days: int | None = None,
) -> str:
    """Make a token and return its secret, which can't be read again.

    Raises InvalidInputError for a wrong value, and ConflictError if the name is taken, also by a revoked token.
    """
    name, chosen = rules.check_name(name), rules.check_scopes(scopes)
    allowed, lifetime = rules.check_networks(networks), rules.check_lifetime(days)
    secret = rules.new_secret()
    row = ApiToken(
        name=name,
        secret_hash=rules.secret_hash(secret),
        scopes=list(chosen),
        networks=list(allowed),
        created_at=now,
        created_by=actor.name,
        expires_at=None if lifetime is None else now + lifetime,
    )
    with db.begin() as tx:
        if store.find_by_name(tx, name) is not None:
            raise ConflictError(
                NewsroomText(
                    'There is a token "%(name)s" already, perhaps a revoked one; choose another name.',
                    name=name,
                )
            )
        tx.add(row)
        after = {"scopes": list(chosen), "networks": list(allowed), "days": days}
        change = Change("/admin/tokens", after=after)
        record_security_event(tx, actor, SecurityEvent.TOKEN_CREATED, name, now=now, change=change)
    return secret


def revoke(db: Database, name: str, *, actor: Actor, now: datetime) -> None:
    """Revoke a token at once. Raises NotFoundError, and ConflictError if it was revoked before."""
    with db.begin() as tx:
        row = store.find_by_name(tx, name)
        if row is None:
            raise NotFoundError(
                NewsroomText(
                    'There is no token "%(name)s"; `dateline tokens list` shows all.', name=name[:80]
                )
            )
        if row.revoked_at is not None:
            raise ConflictError(NewsroomText('The token "%(name)s" is revoked already.', name=name))
        row.revoked_at = now
        change = Change("/admin/tokens")
        record_security_event(tx, actor, SecurityEvent.TOKEN_REVOKED, name, now=now, change=change)


def find_holder(db: Database, secret: str, *, address: str | None, now: datetime) -> TokenHolder:
    """The program that a request's token names, with its use recorded at most once a minute.

    Raises TokenRefusedError, or WrongNetworkError if the token may not be used from this address.
    """
    with db.read() as tx:
        row = store.find_by_hash(tx, rules.secret_hash(secret))
    if row is None:
        raise TokenRefusedError(
            "This token is unknown. Make one in the newsroom, or with `dateline tokens add`."
        )
    if row.revoked_at is not None:
        raise TokenRefusedError(f'The token "{row.name}" was revoked. Make a new one.')
    if row.expires_at is not None and row.expires_at <= now:
        raise TokenRefusedError(
            f'The token "{row.name}" expired on {row.expires_at:%Y-%m-%d}. Make a new one.'
        )
    if not rules.is_within(address, row.networks):
        raise WrongNetworkError(
            f'The token "{row.name}" may not be used from {address}; it works from {", ".join(row.networks)}.'
        )
    if rules.use_is_stale(row.last_used_at, now):
        with db.begin() as tx:
            store.mark_used(tx, row.id, now, interval=rules.USE_INTERVAL)
    return TokenHolder(
        token_id=row.id,
        name=row.name,
        scopes=rules.opened_scopes(row.scopes),
        network=narrow_network(address),
        allowed_networks=tuple(row.networks),
        expires_at=row.expires_at,
    )

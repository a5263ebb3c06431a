"""Queries over tokens of the API."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from digest.accounts.models import ApiToken
from digest.database import Tx


def find_by_hash(tx: Tx, secret_hash: str) -> ApiToken | None:
    """The token whose secret has this hash, or None."""
    return tx.scalar(select(ApiToken).where(ApiToken.secret_hash == secret_hash))


def find_by_name(tx: Tx, name: str) -> ApiToken | None:
    """The token with this name, or None."""
    return tx.scalar(select(ApiToken).where(ApiToken.name == name))


def find_by_id(tx: Tx, token_id: int) -> ApiToken | None:
    """The token with this ID, or None."""
    return tx.get(ApiToken, token_id)


def list_tokens(tx: Tx) -> Sequence[ApiToken]:
    """All tokens: those that are not revoked first, then by name."""
    return tx.scalars(select(ApiToken).order_by(ApiToken.revoked_at.is_not(None), ApiToken.name)).all()


def mark_used(tx: Tx, token_id: int, now: datetime, *, interval: timedelta) -> None:
    """Record a use, unless another request has recorded one within `interval`."""
    stale = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - interval)
    query = update(ApiToken).where(ApiToken.id == token_id, stale).values(last_used_at=now)
    tx.execute(query, execution_options={"synchronize_session": False})

"""Queries over requests that may be repeated."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from digest.accounts.models import RepeatableRequest
from digest.database import Tx, dialect_insert


def add(tx: Tx, token_id: int, key: str, request_hash: str, now: datetime) -> bool:
    """Record that a request is being processed; false if there is one with this key already."""
    row = {"token_id": token_id, "key": key, "request_hash": request_hash, "at": now}
    statement = dialect_insert(tx, RepeatableRequest).values(**row)
    statement = statement.on_conflict_do_nothing(index_elements=["token_id", "key"])
    return tx.execute(statement.returning(RepeatableRequest.key)).first() is not None


def find(tx: Tx, token_id: int, key: str) -> RepeatableRequest | None:
    """The request with this key, or None."""
    return tx.scalar(select(RepeatableRequest).where(*_is(token_id, key)))


def take_over(tx: Tx, row: RepeatableRequest, now: datetime) -> bool:
    """Process a request again that began long ago and never ended; false if another process was first."""
    began = (RepeatableRequest.at == row.at, RepeatableRequest.status.is_(None))
    query = update(RepeatableRequest).where(*_is(row.token_id, row.key), *began).values(at=now)
    return tx.execute(query.returning(RepeatableRequest.key)).first() is not None


def finish(tx: Tx, token_id: int, key: str, *, status: int, location: str, body: str) -> None:
    """Store the answer to a request."""
    values = {"status": status, "location": location, "body": body}
    tx.execute(update(RepeatableRequest).where(*_is(token_id, key)).values(**values))


def remove(tx: Tx, token_id: int, key: str) -> None:
    """Forget a request that failed, so that it can be repeated."""
    tx.execute(delete(RepeatableRequest).where(*_is(token_id, key)))


def remove_old(tx: Tx, before: datetime) -> None:
    """Forget the requests from before a moment."""
    tx.execute(delete(RepeatableRequest).where(RepeatableRequest.at < before))


def _is(token_id: int, key: str) -> tuple[ColumnElement[bool], ...]:
    return RepeatableRequest.token_id == token_id, RepeatableRequest.key == key

"""Queries over webhooks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert, select, update

from digest.database import Tx
from digest.errors import NewsroomText, NotFoundError
from digest.webhooks.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from digest.webhooks.states import EndpointState, EventType, MessageState

PAGE_SIZE = 50  # messages that a page shows


class DueMessage(NamedTuple):
    """A message that is to be posted, and its endpoint."""

    message: WebhookMessage
    endpoint: WebhookEndpoint


def list_endpoints(tx: Tx) -> Sequence[WebhookEndpoint]:
    """All endpoints by address."""
    return tx.scalars(select(WebhookEndpoint).order_by(WebhookEndpoint.url)).all()


def endpoint_by_id(tx: Tx, endpoint_id: int) -> WebhookEndpoint:
    """An endpoint; raises NotFoundError."""
    endpoint = tx.get(WebhookEndpoint, endpoint_id)
    if endpoint is None:
        raise NotFoundError(
            NewsroomText(
                "There is no webhook %(endpoint_id)s; `dateline webhooks list` shows all.",
                endpoint_id=endpoint_id,
            )
        )
    return endpoint


def find_endpoint(tx: Tx, url: str) -> WebhookEndpoint | None:
    """The endpoint at an address, or None."""
    return tx.scalar(select(WebhookEndpoint).where(WebhookEndpoint.url == url))


def remove_endpoint(tx: Tx, endpoint_id: int) -> None:
    """Delete an endpoint with its messages."""
    tx.execute(delete(WebhookEndpoint).where(WebhookEndpoint.id == endpoint_id))


def wanting(tx: Tx, event: EventType) -> Sequence[int]:
    """The ids of the active endpoints that want messages about an event."""
    query = select(WebhookEndpoint.id, WebhookEndpoint.events)
    rows = tx.execute(query.where(WebhookEndpoint.state == EndpointState.ACTIVE))
    return [row[0] for row in rows if not row[1] or event in row[1]]


def add_messages(tx: Tx, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert messages."""
    values = list(rows)
    if values:
        tx.execute(insert(WebhookMessage), values)


def claim_due(tx: Tx, now: datetime, *, lease: timedelta, limit: int) -> Sequence[DueMessage]:
    """The messages that are due, oldest first; nobody else gets them during the lease."""
    query = (
        select(WebhookMessage, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookMessage.endpoint_id)
        .where(WebhookMessage.state == MessageState.PLANNED, WebhookMessage.not_before <= now)
        .where(WebhookEndpoint.state == EndpointState.ACTIVE)
        .order_by(WebhookMessage.not_before, WebhookMessage.id)
        .limit(limit)
        .with_for_update(of=WebhookMessage, skip_locked=True)
    )
    due = [DueMessage(row[0], row[1]) for row in tx.execute(query)]
    for each in due:
        each.message.not_before = now + lease
    return due


def message_by_public_id(tx: Tx, public_id: str) -> WebhookMessage:
    """A message; raises NotFoundError."""
    message = tx.scalar(select(WebhookMessage).where(WebhookMessage.public_id == public_id))
    if message is None:
        raise NotFoundError(
            NewsroomText(
                "There is no message %(public_id)s; `dateline webhooks log` shows the newest.",
                public_id=public_id[:60],
            )
        )
    return message


def newest_messages(tx: Tx, *, limit: int = 50) -> Sequence[DueMessage]:
    """The newest messages with their endpoints."""
    query = select(WebhookMessage, WebhookEndpoint).join(WebhookEndpoint)
    rows = tx.execute(query.order_by(WebhookMessage.id.desc()).limit(limit))
    return [DueMessage(row[0], row[1]) for row in rows]


def messages_of(tx: Tx, endpoint_id: int, *, page: int) -> tuple[Sequence[WebhookMessage], int]:
    """A page of the messages to an endpoint, newest first, and how many there are."""
    own = WebhookMessage.endpoint_id == endpoint_id
    query = select(WebhookMessage).where(own).order_by(WebhookMessage.id.desc())
    rows = tx.scalars(query.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all()
    return rows, tx.scalar(select(func.count()).select_from(WebhookMessage).where(own)) or 0


def attempts_of(tx: Tx, message_ids: Sequence[int]) -> dict[int, list[WebhookAttempt]]:
    """The attempts to post each of these messages, oldest first, by the id of the message."""
    attempts: dict[int, list[WebhookAttempt]] = {message_id: [] for message_id in message_ids}
    query = select(WebhookAttempt).where(WebhookAttempt.message_id.in_(message_ids))
    for attempt in tx.scalars(query.order_by(WebhookAttempt.id)):
        attempts[attempt.message_id].append(attempt)
    return attempts


def add_attempt(tx: Tx, message_id: int, *, at: datetime, status: int | None, reason: str) -> None:
    """Record what came of a post."""
    tx.add(WebhookAttempt(message_id=message_id, at=at, status=status, reason=reason))


def set_failing(tx: Tx, endpoint_id: int, since: datetime | None) -> datetime | None:
    """Record that an endpoint works (`since` is None) or fails; returns since when it has failed without a success."""
    same = WebhookEndpoint.id == endpoint_id
    if since is None:
        tx.execute(update(WebhookEndpoint).where(same).values(failing_since=None))
        return None
    begin = update(WebhookEndpoint).where(same, WebhookEndpoint.failing_since.is_(None))
    tx.execute(begin.values(failing_since=since))
    return tx.scalar(select(WebhookEndpoint.failing_since).where(same))


def disable(tx: Tx, endpoint_id: int, reason: str) -> bool:
    """Post nothing to an endpoint any more; false if it was disabled already."""
    same = (WebhookEndpoint.id == endpoint_id, WebhookEndpoint.state == EndpointState.ACTIVE)
    query = update(WebhookEndpoint).where(*same).values(state=EndpointState.DISABLED, reason=reason)
    return tx.execute(query.returning(WebhookEndpoint.id)).first() is not None


def remove_old(tx: Tx, before: datetime) -> None:
    """Delete the messages from before a moment that are not to be posted any more, with their attempts."""
    ended = (WebhookMessage.created_at < before, WebhookMessage.state != MessageState.PLANNED)
    tx.execute(delete(WebhookMessage).where(*ended))

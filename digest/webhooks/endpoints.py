"""Endpoints of webhooks: added, removed, disabled and enabled; and messages that are posted again."""

from collections.abc import Iterable
from datetime import datetime

from digest.accounts.pure.secrets_at_rest import encrypt
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NewsroomText
from digest.sources.http.fetch import refusal_reason
from digest.webhooks import store
from digest.webhooks.models import WebhookEndpoint
from digest.webhooks.pure import signing
from digest.webhooks.states import EndpointState, EventType, MessageState

SECRET_PURPOSE = "webhook"  # noqa: S105  -- for what a key is derived from SECRET_KEY


def add(db: Database, url: str, events: Iterable[str], *, key: str, now: datetime) -> str:
    """Add an endpoint and return its secret, which can't be read again. `key` is the SECRET_KEY.

    Raises InvalidInputError for an address that is never posted to or an unknown event, ConflictError for a known one.
    """
    if reason := refusal_reason(url):
        raise InvalidInputError(
            NewsroomText("%(url)s can't be a webhook: %(reason)s.", url=url[:200], reason=reason)
        )
    wanted = set(events)
    if unknown := sorted(wanted - set(EventType)):
        raise InvalidInputError(
            NewsroomText(
                '"%(unknown)s" is no event; there are %(names)s.',
                unknown=unknown[0][:40],
                names=", ".join(EventType),
            )
        )
    secret = signing.new_secret()
    with db.begin() as tx:
        if store.find_endpoint(tx, url) is not None:
            raise ConflictError(NewsroomText("%(url)s is a webhook already.", url=url))
        chosen = [event.value for event in EventType if event in wanted]
        tx.add(
            WebhookEndpoint(
                url=url, secret=encrypt(key, secret, purpose=SECRET_PURPOSE), events=chosen, created_at=now
            )
        )
    return secret


def remove(db: Database, endpoint_id: int) -> None:
    """Delete an endpoint with its messages. Raises NotFoundError."""
    with db.begin() as tx:
        store.endpoint_by_id(tx, endpoint_id)
        store.remove_endpoint(tx, endpoint_id)


def disable(db: Database, endpoint_id: int) -> None:
    """Post nothing to an endpoint until it is enabled; nothing is recorded for it either. Raises NotFoundError."""
    with db.begin() as tx:
        store.endpoint_by_id(tx, endpoint_id)
        store.disable(tx, endpoint_id, "by hand")


def enable(db: Database, endpoint_id: int) -> None:
    """Post to an endpoint again. Raises NotFoundError."""
    with db.begin() as tx:
        endpoint = store.endpoint_by_id(tx, endpoint_id)
        endpoint.state, endpoint.reason, endpoint.failing_since = EndpointState.ACTIVE, "", None


def replay(db: Database, public_id: str, now: datetime) -> None:
    """Post a message again, whatever became of it, with a day of attempts. Raises NotFoundError."""
    with db.begin() as tx:
        message = store.message_by_public_id(tx, public_id)
        message.state, message.not_before = MessageState.PLANNED, now
        message.first_tried_at, message.attempts = None, 0

"""Posts the messages that are due, outside of transactions, and records what came of each."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.accounts.pure.secrets_at_rest import decrypt_if_ours
from digest.clock import Clock
from digest.database import Database
from digest.webhooks import store
from digest.webhooks.endpoints import SECRET_PURPOSE
from digest.webhooks.models import WebhookMessage
from digest.webhooks.posting import PostAnswer
from digest.webhooks.pure.retries import DISABLED_AFTER, is_dead, next_attempt
from digest.webhooks.pure.signing import signed_headers
from digest.webhooks.states import MessageState
from digest.webhooks.store import DueMessage

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)  # longer than a post may take
KEPT = timedelta(days=30)  # after this, messages that are not to be posted any more are deleted

Post = Callable[[str, bytes, Mapping[str, str]], PostAnswer]


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """What posting needs: the database, the SECRET_KEY, and how a post is made."""

    db: Database
    key: str
    post: Post
    clock: Clock

    def send_due(self, until: datetime) -> int:
        """Post the messages that are due, until none is left or the time is over; returns how many were posted."""
        count = 0
        while self.clock() < until:
            now = self.clock()
            with self.db.begin() as tx:
                due = store.claim_due(tx, now, lease=LEASE, limit=1)
            if not due:
                break
            self._send(due[0])
            count += 1
        return count

    def _send(self, due: DueMessage) -> None:
        message, endpoint = due
        secret = decrypt_if_ours(self.key, endpoint.secret, purpose=SECRET_PURPOSE)
        body, now = message_body(message), self.clock()
        if secret is None:
            answer = PostAnswer(
                None, "its secret was encrypted with another SECRET_KEY; remove it and add it again"
            )
        else:
            answer = self.post(endpoint.url, body, signed_headers(secret, message.public_id, body, now))
        self._save(due, answer, now)

    def _save(self, due: DueMessage, answer: PostAnswer, now: datetime) -> None:
        with self.db.begin() as tx:
            message = store.message_by_public_id(tx, due.message.public_id)
            message.attempts += 1
            message.first_tried_at = message.first_tried_at or now
            store.add_attempt(tx, message.id, at=now, status=answer.status, reason=answer.reason)
            if answer.is_success:
                message.state = MessageState.TAKEN
                store.set_failing(tx, due.endpoint.id, None)
                return
            retry_at = next_attempt(message.attempts, message.first_tried_at, now)
            if retry_at is None:
                message.state = MessageState.GIVEN_UP
            else:
                message.not_before = retry_at
            since = store.set_failing(tx, due.endpoint.id, now)
            disabled = is_dead(since, now) and store.disable(tx, due.endpoint.id, answer.reason)
        if disabled:
            log.error(
                "webhooks.disabled: nothing is posted to %s any more, after %d days of failures: %s",
                due.endpoint.url,
                DISABLED_AFTER.days,
                answer.reason,
            )


def message_body(message: WebhookMessage) -> bytes:
    """The body of a message: the same at each attempt."""
    content = {
        "type": message.event,
        "timestamp": message.created_at.isoformat(timespec="seconds"),
        "data": message.data,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def remove_old(db: Database, now: datetime) -> None:
    """Delete messages of long ago."""
    with db.begin() as tx:
        store.remove_old(tx, now - KEPT)

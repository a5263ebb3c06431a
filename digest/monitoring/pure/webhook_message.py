"""What is posted to the webhook: JSON, signed as Standard Webhooks says, with a text that Slack and others show.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime

from digest.monitoring.pure.problems import format_age
from digest.monitoring.states import NoticeKind

SECRET_PREFIX = "whsec_"  # noqa: S105  -- the beginning of any secret


def alert_text(kind: NoticeKind, text: str, site: str, *, started_at: datetime | None, now: datetime) -> str:
    """A notice as a line, for people."""
    if kind == NoticeKind.STARTED:
        return f"{site}: {text}"
    lasted = f" after {format_age(now - started_at)}" if started_at else ""
    return f"{site}: over{lasted}: {text}"


def alert_body(kind: NoticeKind, key: str, level: str, text: str, *, shown: str, now: datetime) -> bytes:
    """The body. `shown` is the line for people, where Slack, Mattermost and others look for it."""
    name, _, subject = key.partition(":")
    content = {
        "type": f"alert.{kind}",
        "timestamp": now.isoformat(timespec="seconds"),
        "text": shown,
        "data": {"name": name, "subject": subject, "level": level, "text": text},
    }
    return json.dumps(content, ensure_ascii=False).encode()


def signed_headers(secret: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a post; without a secret it is not signed."""
    timestamp = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", "webhook-id": message_id, "webhook-timestamp": timestamp}
    if secret:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
        signed = f"{message_id}.{timestamp}.".encode() + body
        signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        headers["webhook-signature"] = f"v1,{signature}"
    return headers

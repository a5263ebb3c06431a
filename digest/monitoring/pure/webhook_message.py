"""What is posted to the webhook of alerts: JSON, with a text that Slack and others show."""

import json
from datetime import datetime

from digest.monitoring.pure.problems import format_age
from digest.monitoring.states import NoticeKind


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

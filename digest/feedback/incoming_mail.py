"""A mail has come back: read it, act on it, and keep for a person what is no feedback."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from digest.database import Database
from digest.feedback.actions import Rules, Taken, take
from digest.feedback.identification import Trust
from digest.feedback.mailboxes import empty, leave, read_url
from digest.feedback.pure.classification import read
from digest.feedback.pure.mail_parts import LARGEST

Clock = Callable[[], datetime]
LEFT = "feedback"  # the Maildir under DATELINE_VAR with what is no feedback


def take_mail(db: Database, raw: bytes, rules: Rules, trust: Trust, *, now: datetime) -> Taken:
    """Read one mail and act on it; once this returns, it need not be kept."""
    return take(db, read(raw), rules, trust, octets=raw[:LARGEST], now=now)


def take_or_leave(
    db: Database, raw: bytes, rules: Rules, trust: Trust, *, left: Path, now: datetime
) -> Taken:
    """The same for a mail that is in our hands alone: what is no feedback is left for a person."""
    taken = take_mail(db, raw, rules, trust, now=now)
    if taken.kind == "none":
        leave(left, raw)
    return taken


def read_mailbox(db: Database, url: str, rules: Rules, *, left: Path, clock: Clock) -> int:
    """Read what is new in a mailbox; returns how many mails that were. Raises UnavailableError."""
    where = read_url(url)
    if where.scheme == "pipe":
        return 0
    trust = Trust("maildir" if where.scheme == "maildir" else "mailbox")

    def act(raw: bytes) -> bool:
        return take_mail(db, raw, rules, trust, now=clock()).kind != "none"

    return empty(where, act, left=left)

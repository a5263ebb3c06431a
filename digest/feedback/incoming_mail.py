"""Processes mail that came back: reads it, acts on it, and saves mail that is no feedback for a person to read."""

from datetime import datetime
from pathlib import Path

from digest.clock import Clock
from digest.database import Database
from digest.feedback.actions import FeedbackOutcome, FeedbackPolicy, apply_feedback
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.mailboxes import parse_mailbox_url, process_new_mails, save_other_mail
from digest.feedback.pure.classification import ParsedKind, classify_mail
from digest.feedback.pure.mail_parts import MAX_MAIL_BYTES
from digest.feedback.states import FeedbackChannel

OTHER_MAIL_FOLDER = "feedback"  # the Maildir under DATELINE_VAR for mail that is no feedback


def process_mail(
    db: Database, raw: bytes, policy: FeedbackPolicy, origin: FeedbackOrigin, *, now: datetime
) -> FeedbackOutcome:
    """Read a mail and act on it. Everything is committed when this returns, so the mail may be deleted."""
    return apply_feedback(db, classify_mail(raw), policy, origin, raw=raw[:MAX_MAIL_BYTES], now=now)


def process_or_save(
    db: Database,
    raw: bytes,
    policy: FeedbackPolicy,
    origin: FeedbackOrigin,
    *,
    other_mail_folder: Path,
    now: datetime,
) -> FeedbackOutcome:
    """Process a mail, or save it for a person if it is no feedback, because nobody else has a copy."""
    outcome = process_mail(db, raw, policy, origin, now=now)
    if outcome.kind == ParsedKind.NONE:
        save_other_mail(other_mail_folder, raw)
    return outcome


def read_mailbox(
    db: Database, url: str, policy: FeedbackPolicy, *, other_mail_folder: Path, clock: Clock
) -> int:
    """Process the new mails of a mailbox; returns how many there were. Raises UnavailableError.

    A "pipe:" URL has no mailbox to read, because the mail server pipes each mail to `dateline feedback read -`.
    """
    mailbox_url = parse_mailbox_url(url)
    if mailbox_url.scheme == "pipe":
        return 0
    is_maildir = mailbox_url.scheme == "maildir"
    origin = FeedbackOrigin(FeedbackChannel.MAILDIR if is_maildir else FeedbackChannel.MAILBOX)

    def is_feedback(raw: bytes) -> bool:
        return process_mail(db, raw, policy, origin, now=clock()).kind != ParsedKind.NONE

    return process_new_mails(mailbox_url, is_feedback, other_mail_folder=other_mail_folder)

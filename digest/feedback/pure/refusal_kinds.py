"""Whom a mail server's refusal of our mail is about: the address, its mailbox, or us. The table is that of bounces."""

import re
from dataclasses import dataclass

from digest.deliveries.states import RefusalKind
from digest.feedback.pure.bounce_reasons import (
    BounceDiagnostic,
    answered_command,
    classify_bounce,
    normalize,
    sender_fault_reasons,
)

# Replies that ask us to sign in (RFC 4954, 6; RFC 5248 lists 530 too).
AUTHENTICATION_REPLY = re.compile(r"53[0458]\b")
COMMAND_NOTE = " (in reply to "
SECURITY_STATUS = "5.7."  # "security or policy": about who sends what (RFC 3463, 3.8)
# These are about the mailbox even with such a status, because many servers use 5.7.1 for anything.
MAILBOX_REASONS = frozenset(("mailboxfull", "inactive", "mailbox"))


@dataclass(frozen=True, slots=True)
class ClassifiedRefusal:
    """Whom a refusal is about, its reason in the table, and the enhanced status ("" for none)."""

    kind: RefusalKind
    reason: str
    status: str


def classify_refusal(answer: str) -> ClassifiedRefusal:
    """Whom a refusal is about; `answer` is the server's reply with "(in reply to …)" as the relay notes it.

    Before the recipient was named, the server can only refuse us. A status 5.7.* is about us unless the words are about
    the mailbox: "550 5.7.1 user unknown" is about the recipient.
    """
    text, parenthesis, note = answer.rpartition(COMMAND_NOTE)
    command = parenthesis + note
    result = classify_bounce(BounceDiagnostic(text or answer, from_report=True, context=command))
    if answered_command(normalize(command)) == "mail" or AUTHENTICATION_REPLY.match(answer):
        kind = RefusalKind.SENDER
    elif result.hard:
        kind = RefusalKind.UNKNOWN_RECIPIENT
    elif result.reason in sender_fault_reasons() or (
        result.status.startswith(SECURITY_STATUS) and result.reason not in MAILBOX_REASONS
    ):
        kind = RefusalKind.SENDER
    else:
        kind = RefusalKind.SOFT
    return ClassifiedRefusal(kind, result.reason, result.status)


def refusal_kind(answer: str) -> RefusalKind:
    """Only the kind of a refusal."""
    return classify_refusal(answer).kind

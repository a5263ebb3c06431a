"""Why a mail bounced, and whether the address is dead (hard) or only this mail could not be delivered (soft).

The phrases of mail servers are in `data/reasons.toml`. Two rules are here. First: a status or reply of class 4 is
never hard. Second: words like "user unknown" are hard only when they are about the recipient, which is so when they
answer RCPT, when the status is 5.1.*, when they are in a field of a report, or when the mailer itself says them. The
same words after the mail was transmitted come from filters.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from digest.feedback.pure.report_fields import find_status_codes
from digest.feedback.states import Severity

REASONS_FILE = Path(__file__).parent.parent / "data" / "reasons.toml"
LONGEST_TEXT = 2_000  # characters that are examined
LONGEST_WORD = 80  # characters; no meaningful word is longer, and the patterns stay fast
REPLY = re.compile(r"(?:^|[\s:;>(\"'\[])([245]\d\d)(?=[\s\-:,.]|$)(?!\.\d)")
# About the state of a mailbox, the content, or a policy: these do not say whether the mailbox exists.
NOT_ABOUT_RECIPIENT = ("5.2.", "5.6.", "5.7.")
# Replies to RCPT when there is no such mailbox (RFC 5321, 4.3.2). Filters reply 554 or 552 after DATA. When the mailer
# quotes another server, the reply may have been to any command.
RCPT_REPLIES = ("550", "551", "553")
QUOTES_OTHER_SERVER = re.compile(
    r"\b(said|says|replied|repl(y|ies)|respon[ds]\w*|answer\w*|remote|host)\b|<<<"
)
LINK = re.compile(r"https?://\S+")  # names the operator of a server, not what happened
# Reasons that this module assigns. The others are in the table.
UNKNOWN = "unknown"  # nothing was recognised
FILTERED = "filtered"  # the words of a dead mailbox, but not about the recipient
DEFERRED = "deferred"  # the server will try again
# The SMTP command that a text answers. The last command in the text counts.
COMMAND_PATTERNS = {
    "rcpt": (
        r"in reply to rcpt to|after rcpt to|rcpt to generated|like our rcpt|following rcpt|smtp:rcpt|rcpt to command"
        r"|(>>>|<<<|<--|-->|sent:?) ?rcpt to|does not like recipient|\(state 1[2-6]\)|rejected recipient"
    ),
    "data": (
        r"(in reply to|after|in response to) (the )?(end of )?data|body of message generated|following data|smtp:data"
        r"|>>> ?(data|\.)(?= |$)|after i sent the message|\(state 1[78]\)|smtp command data|after sending (the )?data"
    ),
    "mail": r"in reply to mail from|after mail from|>>> ?mail from|like our mail|following mail|mail from generated",
}


@dataclass(frozen=True, slots=True)
class BounceDiagnostic:
    """What a bounce says about one recipient."""

    text: str
    status: str = ""  # the enhanced status code of the report
    from_report: bool = False  # the text is in a field of a report about this recipient
    context: str = ""  # the passage around the text, which may name the command


@dataclass(frozen=True, slots=True)
class BounceClassification:
    """The reason of a bounce, whether it is hard, and the status code that counts."""

    reason: str
    hard: bool
    status: str


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """An entry of the table of reasons."""

    name: str
    hard: bool
    about_recipient: bool
    applies_to_reports: bool
    sender_fault: bool
    statuses: frozenset[str]
    pattern: re.Pattern[str] | None = field(compare=False)


def classify_bounce(diagnostic: BounceDiagnostic) -> BounceClassification:
    """Why a mail bounced, and whether it is hard."""
    text = normalize(diagnostic.text)
    status = _best_status(diagnostic, text)
    temporary = status.startswith("4") or (not status and _reply_code(text).startswith("4"))
    rule = (
        _rule_by_phrase(LINK.sub(" ", text), diagnostic.from_report)
        or _rule_by_phrase(text, diagnostic.from_report)
        or _rule_by_status(status)
    )
    if rule is None:
        return BounceClassification(UNKNOWN, False, status)
    if not rule.hard:
        return BounceClassification(rule.name, False, status)
    if temporary:
        return BounceClassification(DEFERRED, False, status)
    if rule.about_recipient and not _is_about_recipient(diagnostic, text, status):
        return BounceClassification(FILTERED, False, status)
    return BounceClassification(rule.name, True, status)


@cache
def sender_fault_reasons() -> frozenset[str]:
    """The reasons that are about what we send or how, and not about the address."""
    return frozenset(rule.name for rule in _rules() if rule.sender_fault)


def answered_command(text: str) -> str:
    """The last command that a normalised text answers: "rcpt", "data" or "mail"; "" when it does not say."""
    positions = {
        name: max((match.start() for match in re.finditer(pattern, text)), default=-1)
        for name, pattern in COMMAND_PATTERNS.items()
    }
    name = max(positions, key=lambda key: positions[key])
    return name if positions[name] >= 0 else ""


def normalize(text: str) -> str:
    """A text as the patterns of the table expect it: lower case, single blanks, cut to length."""
    words = text[: 4 * LONGEST_TEXT].lower().replace("’", "'").split()
    return " ".join(word[:LONGEST_WORD] for word in words)[:LONGEST_TEXT]


def _best_status(diagnostic: BounceDiagnostic, text: str) -> str:
    """The status of the report; one from the text when the report only says 5.0.0. "" for none.

    A report or provider may give something else as the status ("5", "550", "5.1.1.1"); that counts for nothing.
    """
    found = [*find_status_codes(diagnostic.status), *find_status_codes(text)]
    codes = [code for code in found if not code.startswith("2")]
    specific = [code for code in codes if not code.endswith(".0.0")]
    return (specific or codes or [""])[0]


def _reply_code(text: str) -> str:
    codes = [code for code in REPLY.findall(text) if not code.startswith("2")]
    return codes[0] if codes else ""


def _is_about_recipient(diagnostic: BounceDiagnostic, text: str, status: str) -> bool:
    if status.startswith("5.1."):
        return True
    command = answered_command(text) or answered_command(normalize(diagnostic.context))
    if command or status.startswith(NOT_ABOUT_RECIPIENT):
        return command == "rcpt"
    if diagnostic.from_report or not _reply_code(text):
        return True
    return _reply_code(text) in RCPT_REPLIES and not QUOTES_OTHER_SERVER.search(text)


def _rule_by_phrase(text: str, from_report: bool) -> ReasonRule | None:
    rules = (rule for rule in _rules() if rule.applies_to_reports or not from_report)
    return next((rule for rule in rules if rule.pattern and rule.pattern.search(text)), None)


def _rule_by_status(status: str) -> ReasonRule | None:
    if not status:
        return None
    category, subject, detail = status.split(".")
    exact = {status, f"x.{subject}.{detail}", f"5.{subject}.{detail}"}
    general = {status, f"x.{subject}.{detail}", f"x.{subject}.*", f"{category}.{subject}.*"}
    rule = next((rule for rule in _rules() if rule.statuses & exact), None)
    return rule or next((rule for rule in _rules() if rule.statuses & general), None)


@cache
def _rules() -> Sequence[ReasonRule]:
    rows = tomllib.loads(REASONS_FILE.read_text(encoding="utf-8"))["reason"]
    return [
        ReasonRule(
            name=row["name"],
            hard=row["class"] == Severity.HARD,
            about_recipient=row.get("about") == "recipient",
            applies_to_reports=row.get("in_reports", True),
            sender_fault=row.get("fault") == "sender",
            statuses=frozenset(row.get("statuses", ())),
            pattern=re.compile("|".join(row["phrases"])) if row["phrases"] else None,
        )
        for row in rows
    ]

"""Why a mail came back, and whether the address is dead (hard) or the mail only could not be delivered (soft).

What servers say is in `data/reasons.toml`. Two rules are here. A status or reply of class 4 is never hard. And words
like "user unknown" are hard only when they are about the recipient: as an answer to RCPT, beside a status 5.1.*, in a
report's own field, or in a mailer's own words; the same words after the mail itself was sent come from filters.
"""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from digest.feedback.pure.report_fields import statuses

Class = Literal["hard", "soft"]
TABLE = Path(__file__).parent.parent / "data" / "reasons.toml"
MOST_WORDS = 2_000  # characters that are looked at
LONGEST_WORD = 80  # characters; no word that means something is longer, and patterns stay fast
REPLY = re.compile(r"(?:^|[\s:;>(\"'\[])([245]\d\d)(?=[\s\-:,.]|$)(?!\.\d)")
ABOUT_ELSE = (
    "5.2.",
    "5.6.",
    "5.7.",
)  # a mailbox's state, the content, a policy: no word on whether there is somebody
# What servers answer to RCPT when there is nobody (RFC 5321, 4.3.2); filters, after DATA, say 554 or 552. Where the
# mailer tells that another server said so, it may have been to anything.
RCPT_REPLIES = ("550", "551", "553")
FROM_ANOTHER = re.compile(r"\b(said|says|replied|repl(y|ies)|respon[ds]\w*|answer\w*|remote|host)\b|<<<")
LINK = re.compile(r"https?://\S+")  # names who runs a server, and not what happened
UNKNOWN = "unknown"  # the reason when nothing is recognised
# In which reply to which command of SMTP something was said; the last one counts.
COMMANDS = {
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
class Said:
    """What is known of one failure."""

    words: str
    status: str = ""  # enhanced, of the report
    report: bool = False  # the words stand in a report's own field about this recipient
    context: str = ""  # what stands around the words, where the command may be named


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it comes to."""

    reason: str
    hard: bool
    status: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table."""

    name: str
    hard: bool
    about_recipient: bool
    in_reports: bool
    statuses: frozenset[str]
    phrase: re.Pattern[str] | None = field(compare=False)


def decide(said: Said) -> Verdict:
    """Hard or soft, and why."""
    words = normal(said.words)
    status = _status(said, words)
    passing = status.startswith("4") or (not status and _reply(words).startswith("4"))
    told = _by_phrase(LINK.sub(" ", words), said.report)
    entry = told or _by_phrase(words, said.report) or _by_status(status)
    if entry is None:
        return Verdict(UNKNOWN, False, status)
    hard = entry.hard and not passing and (not entry.about_recipient or _about_recipient(said, words, status))
    return Verdict(
        entry.name if hard or not entry.hard else "filtered" if not passing else "deferred", hard, status
    )


def known(words: str) -> bool:
    """Whether the words say anything that the table knows."""
    return _by_phrase(normal(words), report=True) is not None


def normal(words: str) -> str:
    """Words as the table's patterns expect them."""
    return " ".join(
        word[:LONGEST_WORD] for word in words[: 4 * MOST_WORDS].lower().replace("’", "'").split()
    )[:MOST_WORDS]


def reasons() -> Sequence[str]:
    """All reasons there are."""
    return tuple(dict.fromkeys([entry.name for entry in _table()] + ["deferred", UNKNOWN]))


def _status(said: Said, words: str) -> str:
    """The most telling status: the report's own, unless that says nothing (5.0.0) and the words do."""
    among = [one for one in [said.status, *statuses(words)] if one and not one.startswith("2")]
    telling = [one for one in among if not one.endswith(".0.0")]
    return (telling or among or [""])[0]


def _reply(words: str) -> str:
    found = [match for match in REPLY.findall(words) if not match.startswith("2")]
    return found[0] if found else ""


def _about_recipient(said: Said, words: str, status: str) -> bool:
    if status.startswith("5.1."):
        return True
    command = _command(words) or _command(normal(said.context))
    if command or status.startswith(ABOUT_ELSE):
        return command == "rcpt"
    if said.report or not _reply(words):
        return True
    return _reply(words) in RCPT_REPLIES and not FROM_ANOTHER.search(words)


def _command(text: str) -> str:
    last = {
        name: max((match.start() for match in re.finditer(pattern, text)), default=-1)
        for name, pattern in COMMANDS.items()
    }
    name = max(last, key=lambda key: last[key])
    return name if last[name] >= 0 else ""


def _by_phrase(words: str, report: bool) -> Entry | None:
    fitting = (entry for entry in _table() if entry.in_reports or not report)
    return next((entry for entry in fitting if entry.phrase and entry.phrase.search(words)), None)


def _by_status(status: str) -> Entry | None:
    if not status:
        return None
    category, subject, detail = status.split(".")
    forms = {status, f"x.{subject}.{detail}", f"x.{subject}.*", f"{category}.{subject}.*"}
    exact = {status, f"x.{subject}.{detail}", f"5.{subject}.{detail}"}
    found = next((entry for entry in _table() if entry.statuses & exact), None)
    return found or next((entry for entry in _table() if entry.statuses & forms), None)


@cache
def _table() -> Sequence[Entry]:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))["reason"]
    return [
        Entry(
            name=row["name"],
            hard=row["class"] == "hard",
            about_recipient=row.get("about") == "recipient",
            in_reports=row.get("in_reports", True),
            statuses=frozenset(row.get("statuses", ())),
            phrase=re.compile("|".join(row["phrases"])) if row["phrases"] else None,
        )
        for row in rows
    ]

"""What a mail that came back means: bounce, complaint, automatic reply, unsubscription, or none of ours.

Pure: octets in, values out. Nothing here is believed about who it is from: see `identifying.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from digest.feedback.pure import autoreplies, free_text
from digest.feedback.pure.bounce_reasons import UNKNOWN, Said, Verdict, decide
from digest.feedback.pure.mail_parts import Mail, from_message, open_mail
from digest.feedback.pure.report_fields import Complaint, Told, delivery_status, feedback_report

Kind = Literal["bounce", "complaint", "autoreply", "unsubscribe", "none"]
REACHED = frozenset(("delivered", "relayed", "expanded"))  # RFC 3464, 2.3.3: nothing went wrong
GENERIC = frozenset(
    (UNKNOWN, "policy", "system", "mailbox", "expired", "filtered")
)  # a longer look may tell more
ENVELOPE = (
    "x-envelope-to",
    "envelope-to",
    "delivered-to",
    "x-original-to",
    "x-rcpt-to",
    "to",
    "cc",
    "x-forwarded-to",
)
LONGEST_QUOTE = 300  # characters of the server's words that are kept


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who could not be reached (or complained), and why."""

    address: str
    hard: bool
    status: str = ""
    reason: str = UNKNOWN
    words: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a mail means. `clues` is the text in which our own marks are looked for."""

    kind: Kind
    recipients: Sequence[Recipient] = ()
    complaint: str = ""  # the feedback type of a complaint
    message_id: str = ""
    to: str = ""  # whom it was addressed to, as its header says
    clues: str = ""
    nameless: Recipient | None = None  # what a bounce says that names nobody


def read(raw: bytes) -> Reading:
    """Read a mail; whatever the octets are, nothing is raised."""
    mail = open_mail(raw)
    kind, recipients, complaint = _classify(mail)
    returned = "\n".join([mail.returned, *(f"{k}: {v}" for one in mail.nested for k, v in one.items())])
    return Reading(
        kind=kind,
        recipients=recipients,
        complaint=complaint,
        message_id=mail.header("message-id")[:250],
        to="\n".join(value for name in ENVELOPE for value in mail.headers(name)),
        nameless=_of_text(mail, "", ()) if kind == "bounce" and not recipients else None,
        clues="\n".join([*mail.reports, mail.complaint, returned, mail.text])[:200_000],
    )


def _classify(mail: Mail) -> tuple[Kind, Sequence[Recipient], str]:
    if mail.complaint:
        report = feedback_report(mail.complaint)
        return "complaint", _complained(report), report.kind
    told = [one for text in mail.reports for one in delivery_status(text)]
    if told:
        failed = _failed(mail, told)
        return ("bounce" if failed else "none"), failed, ""
    daemon = autoreplies.daemon(mail) or (free_text.bounce_like(mail) and bool(mail.text.strip()))
    if not daemon and autoreplies.vacation(mail):
        return "autoreply", (), ""
    failed = _unreported(mail, daemon=daemon)
    if failed or autoreplies.daemon(mail):
        return "bounce", failed, ""
    return ("autoreply" if autoreplies.automatic(mail) else "none"), (), ""


def _complained(report: Complaint) -> Sequence[Recipient]:
    """Who complained; a report that names nobody is resolved by our marks alone."""
    return [Recipient(address, False, reason=report.kind) for address in report.addresses]


def _failed(mail: Mail, told: Sequence[Told]) -> Sequence[Recipient]:
    """Those of a report that were not reached, each once; the last word about one counts."""
    whom = [one.address for one in told]
    found = {one.address.lower(): _of_report(mail, one, whom) for one in told if not _reached(one)}
    return list(found.values())


def _reached(told: Told) -> bool:
    return told.action in REACHED or (not told.action and told.status.startswith("2"))


def _of_report(mail: Mail, told: Told, whom: Sequence[str]) -> Recipient:
    around = free_text.passage(mail.text, told.address, whom) or mail.text[: free_text.PASSAGE]
    category = told.more.get("x-powermta-bouncecategory", "")
    verdict = decide(Said(f"{told.diagnostic} {category}", told.status, report=True, context=around))
    if verdict.reason in GENERIC:
        closer = decide(Said(around, told.status, report=True, context=around))
        verdict = closer if closer.reason not in GENERIC else verdict
    if told.action == "delayed":
        verdict = Verdict(verdict.reason if verdict.reason != UNKNOWN else "deferred", False, verdict.status)
    return _recipient(told.address, verdict, told.diagnostic or around)


def _unreported(mail: Mail, *, daemon: bool) -> Sequence[Recipient]:
    """The recipients of a bounce in a form of its own."""
    if not (daemon or free_text.bounce_words(mail)):
        return []
    inner = list(_nested(mail)) if daemon else []
    if inner:
        return inner
    whom = free_text.named(mail)
    return [_of_text(mail, address, whom) for address in whom]


def _nested(mail: Mail) -> Iterator[Recipient]:
    """Those of a report that a gateway wrapped into one more mail."""
    for one in mail.nested[:3]:
        inner = from_message(one)
        yield from _failed(inner, [told for text in inner.reports for told in delivery_status(text)])


def _of_text(mail: Mail, address: str, whom: Sequence[str]) -> Recipient:
    subject, own = mail.header("subject"), free_text.passage(mail.text, address, whom)
    verdict = decide(Said(own, context=own))
    if verdict.reason in GENERIC:
        everything = mail.text if len(whom) == 1 else mail.text[: free_text.PASSAGE]
        closer = decide(Said(f"{everything} {subject}", context=mail.text))
        verdict = closer if closer.reason not in GENERIC or verdict.reason == UNKNOWN else verdict
    return _recipient(address, verdict, own or mail.text)


def _recipient(address: str, verdict: Verdict, words: str) -> Recipient:
    quote = " ".join(words.split())[:LONGEST_QUOTE]
    return Recipient(address, verdict.hard, verdict.status, verdict.reason, quote)

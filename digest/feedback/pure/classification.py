"""What a mail that came back means: a bounce, a complaint, an automatic reply, an unsubscription, or nothing of ours.

This module does no I/O and does not check who sent the mail: `identification.py` does that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from digest.feedback.pure import autoreplies, free_text
from digest.feedback.pure.bounce_reasons import (
    DEFERRED,
    FILTERED,
    UNKNOWN,
    BounceClassification,
    BounceDiagnostic,
    classify_bounce,
)
from digest.feedback.pure.mail_parts import ParsedMail, parse_mail, parse_message
from digest.feedback.pure.report_fields import (
    AbuseReport,
    RecipientStatus,
    parse_abuse_report,
    parse_delivery_status,
)

DELIVERED_ACTIONS = frozenset(("delivered", "relayed", "expanded"))  # not failures (RFC 3464, 2.3.3)
# Reasons for which the text around the diagnostic is classified too: it may say more.
VAGUE_REASONS = frozenset((UNKNOWN, "policy", "system", "mailbox", "expired", FILTERED))
RECIPIENT_HEADERS = (
    "x-envelope-to",
    "envelope-to",
    "delivered-to",
    "x-original-to",
    "x-rcpt-to",
    "to",
    "cc",
    "x-forwarded-to",
)
LONGEST_QUOTE = 300  # characters of the server's text that are stored
LONGEST_MESSAGE_ID = 250  # characters
LONGEST_SEARCHABLE_TEXT = 200_000  # characters
MOST_NESTED_MAILS = 3  # attached mails that are examined


class ParsedKind(StrEnum):
    """What a mail or a provider's event means."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTOREPLY = "autoreply"
    UNSUBSCRIBE = "unsubscribe"
    NONE = "none"  # no feedback: a person wrote it, or the delivery succeeded


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address that bounced or complained, and why."""

    address: str
    hard: bool
    status: str = ""
    reason: str = UNKNOWN
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFeedback:
    """What a mail or event means. Our own tokens, links and message ids are looked for in `searchable_text`."""

    kind: ParsedKind
    recipients: Sequence[Recipient] = ()
    complaint_type: str = ""  # the feedback type of a complaint
    message_id: str = ""  # of the mail, or the id of a provider's event; identifies repetitions
    addressed_to: str = ""  # the recipients in the header
    searchable_text: str = ""
    unnamed_recipient: Recipient | None = None  # the result of a bounce that names no address


class _Meaning(NamedTuple):
    kind: ParsedKind
    recipients: Sequence[Recipient] = ()
    complaint_type: str = ""


def classify_mail(raw: bytes) -> ParsedFeedback:
    """What a mail means. Never raises, whatever the octets are."""
    mail = parse_mail(raw)
    kind, recipients, complaint_type = _meaning(mail)
    attached_headers = (
        f"{name}: {value}" for message in mail.attached_mails for name, value in message.items()
    )
    returned = "\n".join([mail.returned_text, *attached_headers])
    searchable = "\n".join([*mail.delivery_reports, mail.abuse_report, returned, mail.text])
    names_nobody = kind == ParsedKind.BOUNCE and not recipients
    return ParsedFeedback(
        kind=kind,
        recipients=recipients,
        complaint_type=complaint_type,
        message_id=mail.header("message-id")[:LONGEST_MESSAGE_ID],
        addressed_to="\n".join(value for name in RECIPIENT_HEADERS for value in mail.headers(name)),
        unnamed_recipient=_recipient_from_text(mail, "", ()) if names_nobody else None,
        searchable_text=searchable[:LONGEST_SEARCHABLE_TEXT],
    )


def _meaning(mail: ParsedMail) -> _Meaning:
    if mail.abuse_report:
        report = parse_abuse_report(mail.abuse_report)
        return _Meaning(ParsedKind.COMPLAINT, _complainants(report), report.feedback_type)
    if complaint := free_text.parse_complaint(mail):
        return _Meaning(ParsedKind.COMPLAINT, _complainants(complaint), complaint.feedback_type)
    statuses = [status for text in mail.delivery_reports for status in parse_delivery_status(text)]
    if statuses:
        failed = _failed_recipients(mail, statuses)
        return _Meaning(ParsedKind.BOUNCE if failed else ParsedKind.NONE, failed)
    from_daemon = autoreplies.is_from_mailer_daemon(mail) or (
        free_text.has_bounce_subject(mail) and bool(mail.text.strip())
    )
    if not from_daemon and autoreplies.is_autoreply(mail):
        return _Meaning(ParsedKind.AUTOREPLY)
    failed = _recipients_without_report(mail, from_daemon=from_daemon)
    if failed or autoreplies.is_from_mailer_daemon(mail):
        return _Meaning(ParsedKind.BOUNCE, failed)
    return _Meaning(ParsedKind.AUTOREPLY if autoreplies.is_automatic(mail) else ParsedKind.NONE)


def _complainants(report: AbuseReport) -> Sequence[Recipient]:
    """The addresses that complained. If a report names nobody, only our own tokens identify the subscriber."""
    return [Recipient(address, False, reason=report.feedback_type) for address in report.addresses]


def _failed_recipients(mail: ParsedMail, statuses: Sequence[RecipientStatus]) -> Sequence[Recipient]:
    """The failed recipients in a report, each once; the last status of an address counts."""
    addresses = [status.address for status in statuses]
    failed = {
        status.address.lower(): _recipient_from_report(mail, status, addresses)
        for status in statuses
        if not _is_delivered(status)
    }
    return list(failed.values())


def _is_delivered(status: RecipientStatus) -> bool:
    return status.action in DELIVERED_ACTIONS or (not status.action and status.status.startswith("2"))


def _recipient_from_report(mail: ParsedMail, status: RecipientStatus, addresses: Sequence[str]) -> Recipient:
    passage = (
        free_text.passage_about(mail.text, status.address, addresses) or mail.text[: free_text.PASSAGE_LENGTH]
    )
    category = status.fields.get("x-powermta-bouncecategory", "")
    result = classify_bounce(
        BounceDiagnostic(f"{status.diagnostic} {category}", status.status, from_report=True, context=passage)
    )
    if result.reason in VAGUE_REASONS:
        from_passage = classify_bounce(
            BounceDiagnostic(passage, status.status, from_report=True, context=passage)
        )
        result = from_passage if from_passage.reason not in VAGUE_REASONS else result
    if status.action == "delayed":
        reason = result.reason if result.reason != UNKNOWN else DEFERRED
        result = BounceClassification(reason, False, result.status)
    return _recipient(status.address, result, status.diagnostic or passage)


def _recipients_without_report(mail: ParsedMail, *, from_daemon: bool) -> Sequence[Recipient]:
    """The recipients of a bounce without machine-readable fields."""
    if not (from_daemon or free_text.has_bounce_opening(mail)):
        return []
    nested = list(_nested_recipients(mail)) if from_daemon else []
    if nested:
        return nested
    addresses = free_text.failed_addresses(mail)
    return [_recipient_from_text(mail, address, addresses) for address in addresses]


def _nested_recipients(mail: ParsedMail) -> Iterator[Recipient]:
    """The failed recipients of a report that a gateway attached to a mail of its own."""
    for message in mail.attached_mails[:MOST_NESTED_MAILS]:
        nested = parse_message(message)
        statuses = [status for text in nested.delivery_reports for status in parse_delivery_status(text)]
        yield from _failed_recipients(nested, statuses)


def _recipient_from_text(mail: ParsedMail, address: str, addresses: Sequence[str]) -> Recipient:
    subject = mail.header("subject")
    passage = free_text.passage_about(mail.text, address, addresses)
    result = classify_bounce(BounceDiagnostic(passage, context=passage))
    if result.reason in VAGUE_REASONS:
        text = mail.text if len(addresses) == 1 else mail.text[: free_text.PASSAGE_LENGTH]
        from_mail = classify_bounce(BounceDiagnostic(f"{text} {subject}", context=mail.text))
        result = from_mail if from_mail.reason not in VAGUE_REASONS or result.reason == UNKNOWN else result
    return _recipient(address, result, passage or mail.text)


def _recipient(address: str, result: BounceClassification, text: str) -> Recipient:
    quote = " ".join(text.split())[:LONGEST_QUOTE]
    return Recipient(address, result.hard, result.status, result.reason, quote)

"""Parses the webhooks of mail providers: Amazon SES, Postmark, SendGrid, Mailgun, and our own generic form.

These functions do no I/O. A provider's "permanent" counts only if our own table of reasons does not recognise the text;
otherwise the table decides (for a full mailbox, for example). Raises InvalidInputError for a body in the wrong form.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from digest.errors import InvalidInputError
from digest.feedback.pure.bounce_reasons import (
    UNKNOWN,
    BounceClassification,
    BounceDiagnostic,
    classify_bounce,
)
from digest.feedback.pure.classification import ParsedFeedback, ParsedKind, Recipient

MOST_RECIPIENTS = 1_000  # of one event
LONGEST_VALUE = 2_000  # characters of a value
NO_SUCH_USER = "nouser"  # the reason in the table for an address that does not exist
DEFAULT_COMPLAINT_TYPE = "abuse"
# Bounce types of Postmark that are no failures.
POSTMARK_NO_BOUNCES = ("AutoResponder", "Subscribe", "ChallengeVerification", "Unsubscribe", "OpenRelayTest")
POSTMARK_PERMANENT = ("HardBounce", "BadEmailAddress")
JsonObject = Mapping[str, Any]


def parse_object(body: bytes) -> JsonObject:
    """A JSON object; raises InvalidInputError."""
    value = _parse_json(body)
    if not isinstance(value, dict):
        raise InvalidInputError("The body is not a JSON object.")
    return value


def parse_or_keep(body: bytes) -> object:
    """A JSON value; the body as text when it is no JSON."""
    try:
        return _parse_json(body)
    except InvalidInputError:
        return body.decode("utf-8", "replace")


def parse_ses(message: JsonObject) -> Sequence[ParsedFeedback]:
    """The feedback in an event of Amazon SES; `message` is the parsed Message of the notification."""
    kind = _text(message, "notificationType") or _text(message, "eventType")
    mail = _object(message, "mail")
    headers = [f"{_text(header, 'name')}: {_text(header, 'value')}" for header in _objects(mail, "headers")]
    searchable = "\n".join([_text(mail, "source"), *headers])
    if kind == "Bounce":
        bounce = _object(message, "bounce")
        permanent = _text(bounce, "bounceType") == "Permanent"
        return [
            _bounce(
                _text(recipient, "emailAddress"),
                _text(bounce, "feedbackId"),
                searchable=searchable,
                result=_classify(_text(recipient, "diagnosticCode"), _text(recipient, "status"), permanent),
            )
            for recipient in _objects(bounce, "bouncedRecipients")
        ]
    if kind == "Complaint":
        complaint = _object(message, "complaint")
        complaint_type = _text(complaint, "complaintFeedbackType") or DEFAULT_COMPLAINT_TYPE
        event_id = _text(complaint, "feedbackId")
        return [
            _complaint(_text(recipient, "emailAddress"), event_id, searchable, complaint_type=complaint_type)
            for recipient in _objects(complaint, "complainedRecipients")
        ]
    return []


def parse_postmark(event: JsonObject) -> Sequence[ParsedFeedback]:
    """The feedback in a bounce, complaint or change of subscription of Postmark."""
    record, bounce_type = _text(event, "RecordType"), _text(event, "Type")
    address = _text(event, "Email") or _text(event, "Recipient")
    event_id = f"postmark/{_text(event, 'ID') or _text(event, 'MessageID')}"
    if record == "SpamComplaint" or (record == "Bounce" and bounce_type == "SpamComplaint"):
        return [_complaint(address, event_id)]
    if record == "Bounce" and bounce_type not in POSTMARK_NO_BOUNCES:
        text = f"{_text(event, 'Details')} {_text(event, 'Description')}"
        result = _classify(text, "", bounce_type in POSTMARK_PERMANENT)
        return [_bounce(address, event_id, searchable="", result=result)]
    if record == "SubscriptionChange" and event.get("SuppressSending") is True:
        reason = _text(event, "SuppressionReason")
        if reason == "SpamComplaint":
            return [_complaint(address, event_id)]
        if reason != "HardBounce":
            return [_unsubscription(address, event_id)]
    return []


def parse_sendgrid(event: JsonObject) -> Sequence[ParsedFeedback]:
    """The feedback in one event of SendGrid's batch."""
    kind, address = _text(event, "event"), _text(event, "email")
    event_id, searchable = f"sendgrid/{_text(event, 'sg_event_id')}", _text(event, "smtp-id")
    if kind == "bounce":
        # The other type is "blocked": the server refused the mail, but the address is not dead.
        permanent = _text(event, "type") == "bounce"
        result = _classify(_text(event, "reason"), _text(event, "status"), permanent)
        return [_bounce(address, event_id, searchable=searchable, result=result)]
    if kind == "spamreport":
        return [_complaint(address, event_id, searchable)]
    if kind in ("unsubscribe", "group_unsubscribe"):
        return [_unsubscription(address, event_id, searchable)]
    return []


def parse_mailgun(event: JsonObject) -> Sequence[ParsedFeedback]:
    """The feedback in the event-data of Mailgun."""
    kind, address = _text(event, "event"), _text(event, "recipient")
    event_id, status = f"mailgun/{_text(event, 'id')}", _object(event, "delivery-status")
    searchable = _text(_object(_object(event, "message"), "headers"), "message-id")
    if kind == "failed":
        text = f"{_text(status, 'code')} {_text(status, 'message')} {_text(status, 'description')}"
        result = _classify(text, _text(status, "enhanced-code"), _text(event, "severity") == "permanent")
        return [_bounce(address, event_id, searchable=searchable, result=result)]
    if kind == "complained":
        return [_complaint(address, event_id, searchable)]
    if kind == "unsubscribed":
        return [_unsubscription(address, event_id, searchable)]
    return []


def parse_generic(event: JsonObject) -> Sequence[ParsedFeedback]:
    """The feedback in an event of our own form.

    Its fields are id, kind and address, and optionally permanent, status, text, return_path and message_id.
    """
    kind, address, event_id = _text(event, "kind"), _text(event, "address"), _text(event, "id")
    if not event_id or kind not in (ParsedKind.BOUNCE, ParsedKind.COMPLAINT, ParsedKind.UNSUBSCRIBE):
        raise InvalidInputError("An event needs an id, and a kind: bounce, complaint or unsubscribe.")
    event_id = f"generic/{event_id}"
    searchable = f"{_text(event, 'return_path')}\n{_text(event, 'message_id')}"
    if kind == ParsedKind.COMPLAINT:
        return [_complaint(address, event_id, searchable)]
    result = _classify(_text(event, "text"), _text(event, "status"), event.get("permanent") is True)
    feedback = _bounce(address, event_id, searchable=searchable, result=result)
    return [replace(feedback, kind=ParsedKind(kind))]


def _classify(text: str, status: str, permanent: bool) -> BounceClassification:
    result = classify_bounce(BounceDiagnostic(text, status, from_report=True))
    if permanent and result.reason == UNKNOWN and not result.status.startswith("4"):
        return BounceClassification(NO_SUCH_USER, True, result.status)
    return result


def _bounce(address: str, event_id: str, *, searchable: str, result: BounceClassification) -> ParsedFeedback:
    recipient = Recipient(address, result.hard, result.status, result.reason)
    return ParsedFeedback(ParsedKind.BOUNCE, [recipient], message_id=event_id, searchable_text=searchable)


def _complaint(
    address: str, event_id: str, searchable: str = "", *, complaint_type: str = DEFAULT_COMPLAINT_TYPE
) -> ParsedFeedback:
    recipient = Recipient(address, False, reason=complaint_type)
    return ParsedFeedback(
        ParsedKind.COMPLAINT, [recipient], complaint_type, event_id, searchable_text=searchable
    )


def _unsubscription(address: str, event_id: str, searchable: str = "") -> ParsedFeedback:
    recipient = Recipient(address, False, reason="")
    return ParsedFeedback(
        ParsedKind.UNSUBSCRIBE, [recipient], message_id=event_id, searchable_text=searchable
    )


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInputError("The body is not JSON.") from None


def _text(event: JsonObject, name: str) -> str:
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    # JSON allows a NUL and half a surrogate pair in a string; a database does not.
    return str(value)[:LONGEST_VALUE].encode("utf-8", "replace").decode().replace("\0", " ")


def _object(event: JsonObject, name: str) -> JsonObject:
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def _objects(event: JsonObject, name: str) -> Sequence[JsonObject]:
    value = event.get(name)
    return (
        [item for item in value[:MOST_RECIPIENTS] if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )

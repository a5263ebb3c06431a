"""What the webhooks of mail providers say, as readings: Amazon SES, Postmark, SendGrid, Mailgun, and our own form.

Pure. A provider that says "permanent" is believed when our own table knows nothing of the words; when it does know
them (a full mailbox, say), the table decides. Raises InvalidInputError for what is not in the provider's form.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from digest.errors import InvalidInputError
from digest.feedback.pure.bounce_reasons import UNKNOWN, Said, Verdict, decide
from digest.feedback.pure.classification import Kind, Reading, Recipient

MOST_EVENTS = 1_000  # of one request; SendGrid sends batches
LONGEST = 2_000  # characters of a value
Event = Mapping[str, Any]


def object_of(body: bytes) -> Event:
    """A JSON object; raises InvalidInputError."""
    found = _json(body)
    if not isinstance(found, dict):
        raise InvalidInputError("The body is not a JSON object.")
    return found


def events_of(body: bytes) -> Sequence[Event]:
    """A JSON array of objects; raises InvalidInputError."""
    found = _json(body)
    if (
        not isinstance(found, list)
        or len(found) > MOST_EVENTS
        or not all(isinstance(one, dict) for one in found)
    ):
        raise InvalidInputError(f"The body is not a JSON array of at most {MOST_EVENTS} objects.")
    return found


def ses(message: Event) -> Sequence[Reading]:
    """An event of Amazon SES, as it stands in the notification's Message."""
    kind = _text(message, "notificationType") or _text(message, "eventType")
    mail = _part(message, "mail")
    clues = "\n".join(
        [_text(mail, "source"), *(f"{_text(h, 'name')}: {_text(h, 'value')}" for h in _list(mail, "headers"))]
    )
    if kind == "Bounce":
        bounce = _part(message, "bounce")
        lasting = _text(bounce, "bounceType") == "Permanent"
        return [
            _ses_bounce(one, _text(bounce, "feedbackId"), clues, lasting)
            for one in _list(bounce, "bouncedRecipients")
        ]
    if kind == "Complaint":
        complaint = _part(message, "complaint")
        about = _text(complaint, "complaintFeedbackType") or "abuse"
        return [
            _complaint(_text(one, "emailAddress"), _text(complaint, "feedbackId"), clues, about)
            for one in _list(complaint, "complainedRecipients")
        ]
    return []


def _ses_bounce(one: Event, told: str, clues: str, lasting: bool) -> Reading:
    words = _text(one, "diagnosticCode")
    return _reading(
        "bounce", _text(one, "emailAddress"), told, clues, _verdict(words, _text(one, "status"), lasting)
    )


def postmark(event: Event) -> Sequence[Reading]:
    """A bounce, complaint or change of subscription of Postmark."""
    record, address = _text(event, "RecordType"), _text(event, "Email") or _text(event, "Recipient")
    told = f"postmark/{_text(event, 'ID') or _text(event, 'MessageID')}"
    if record == "SpamComplaint" or (record == "Bounce" and _text(event, "Type") == "SpamComplaint"):
        return [_complaint(address, told, "", "abuse")]
    if record == "Bounce":
        if _text(event, "Type") in (
            "AutoResponder",
            "Subscribe",
            "ChallengeVerification",
            "Unsubscribe",
            "OpenRelayTest",
        ):
            return []
        lasting = _text(event, "Type") in ("HardBounce", "BadEmailAddress")
        verdict = _verdict(f"{_text(event, 'Details')} {_text(event, 'Description')}", "", lasting)
        return [_reading("bounce", address, told, "", verdict)]
    if record == "SubscriptionChange" and event.get("SuppressSending") is True:
        kind: Kind = "complaint" if _text(event, "SuppressionReason") == "SpamComplaint" else "unsubscribe"
        if _text(event, "SuppressionReason") != "HardBounce":
            return [_reading(kind, address, told, "", Verdict("abuse", False, ""))]
    return []


def sendgrid(event: Event) -> Sequence[Reading]:
    """One event of SendGrid's batch."""
    kind, address = _text(event, "event"), _text(event, "email")
    told, clues = f"sendgrid/{_text(event, 'sg_event_id')}", _text(event, "smtp-id")
    if kind == "bounce":  # type "blocked": the mail was refused, the address is not dead
        verdict = _verdict(_text(event, "reason"), _text(event, "status"), _text(event, "type") == "bounce")
        return [_reading("bounce", address, told, clues, verdict)]
    if kind == "spamreport":
        return [_complaint(address, told, clues, "abuse")]
    if kind in ("unsubscribe", "group_unsubscribe"):
        return [_reading("unsubscribe", address, told, clues, Verdict("", False, ""))]
    return []


def mailgun(event: Event) -> Sequence[Reading]:
    """The event-data of Mailgun."""
    kind, address, told = _text(event, "event"), _text(event, "recipient"), f"mailgun/{_text(event, 'id')}"
    status = _part(event, "delivery-status")
    clues = _text(_part(_part(event, "message"), "headers"), "message-id")
    if kind == "failed":
        words = f"{_text(status, 'code')} {_text(status, 'message')} {_text(status, 'description')}"
        verdict = _verdict(words, _text(status, "enhanced-code"), _text(event, "severity") == "permanent")
        return [_reading("bounce", address, told, clues, verdict)]
    if kind == "complained":
        return [_complaint(address, told, clues, "abuse")]
    if kind == "unsubscribed":
        return [_reading("unsubscribe", address, told, clues, Verdict("", False, ""))]
    return []


def generic(event: Event) -> Sequence[Reading]:
    """An event of our own form: id, kind, address, maybe permanent, status, text, return_path, message_id."""
    kind, address, told = _text(event, "kind"), _text(event, "address"), _text(event, "id")
    clues = f"{_text(event, 'return_path')}\n{_text(event, 'message_id')}"
    if not told or kind not in ("bounce", "complaint", "unsubscribe"):
        raise InvalidInputError("An event needs an id, and a kind: bounce, complaint or unsubscribe.")
    if kind == "complaint":
        return [_complaint(address, f"generic/{told}", clues, "abuse")]
    verdict = _verdict(_text(event, "text"), _text(event, "status"), event.get("permanent") is True)
    return [
        _reading("bounce" if kind == "bounce" else "unsubscribe", address, f"generic/{told}", clues, verdict)
    ]


def _verdict(words: str, status: str, lasting: bool) -> Verdict:
    verdict = decide(Said(words, status, report=True))
    if lasting and verdict.reason == UNKNOWN and not verdict.status.startswith("4"):
        return Verdict("nouser", True, verdict.status)
    return verdict


def _complaint(address: str, told: str, clues: str, about: str) -> Reading:
    return Reading("complaint", [Recipient(address, False, reason=about)], about, told, clues=clues)


def _reading(kind: Kind, address: str, told: str, clues: str, verdict: Verdict) -> Reading:
    said = Recipient(address, verdict.hard, verdict.status, verdict.reason)
    return Reading(kind, [said], verdict.reason if kind == "complaint" else "", told, clues=clues)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInputError("The body is not JSON.") from None


def _text(event: Event, name: str) -> str:
    value = event.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    # A zero or half a surrogate pair is a string to JSON, and none to a database.
    return str(value)[:LONGEST].encode("utf-8", "replace").decode().replace("\0", " ")


def _part(event: Event, name: str) -> Event:
    value = event.get(name)
    return value if isinstance(value, dict) else {}


def _list(event: Event, name: str) -> Sequence[Event]:
    value = event.get(name)
    return [one for one in value[:MOST_EVENTS] if isinstance(one, dict)] if isinstance(value, list) else []

"""Webhooks to which mail providers post bounces, complaints and unsubscribes.

Each request must be signed, or have the login if it is from Postmark. An event that is posted again changes nothing.
The status is 200 if the request was accepted, 400 if it can't be parsed, 403 if its signature or login is wrong, 404 if
the provider is not configured, 413 if it is too long. After most errors, a provider tries again later.
"""

import json
import logging
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, abort, jsonify, request

from digest.errors import InvalidInputError, UnavailableError
from digest.feedback.actions import apply_feedback
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.incoming_mail import process_mail
from digest.feedback.pure import provider_events, signatures
from digest.feedback.pure.classification import ParsedFeedback
from digest.feedback.pure.signatures import ForgedRequestError
from digest.parts import parts
from digest.sources.http.fetch import Fetched

log = logging.getLogger(__name__)
bp = Blueprint("webhooks", __name__, url_prefix="/api/feedback")
MAX_BODY_BYTES = 1024 * 1024  # SendGrid's batches are at most 768 KB
MAX_CERTIFICATES = 8
_certificates: dict[str, bytes] = {}  # of Amazon SNS, by URL; Amazon changes its certificate once a year


@bp.post("/<any(ses, postmark, sendgrid, mailgun, generic):provider>")
def receive(provider: str) -> tuple[Response, int]:
    """Act on the feedback that a provider posts."""
    # This setting also limits a chunked body, which does not declare its length.
    request.max_content_length = MAX_BODY_BYTES
    body = request.get_data(cache=False)
    try:
        feedback = PARSERS[provider](body)
    except ForgedRequestError as error:
        log.warning("feedback: refused a request with a wrong signature for %s: %s", provider, error)
        return jsonify(error=str(error)), 403
    except InvalidInputError as error:
        return jsonify(error=str(error)), 400
    return jsonify(taken=len(feedback), new=sum(_apply(item, provider) for item in feedback)), 200


def _apply(feedback: ParsedFeedback, provider: str) -> int:
    """Act on a piece of feedback; returns how many new records it made."""
    p = parts()
    origin = FeedbackOrigin(provider, signed=True)
    return apply_feedback(p.db, feedback, p.feedback_policy(), origin, raw=b"", now=p.clock()).new


def _parse_ses(body: bytes) -> Sequence[ParsedFeedback]:
    p = parts()
    if not p.settings.ses_topics:
        abort(404)
    message = provider_events.parse_object(body)
    if str(message.get("TopicArn")) not in p.settings.ses_topics:
        raise ForgedRequestError("the topic is not one of SES_TOPICS")
    signatures.check_sns(message, _fetch_certificate(signatures.sns_certificate_url(message)), p.clock())
    if message["Type"] == "SubscriptionConfirmation":
        _fetch(signatures.sns_subscribe_url(message))
        log.info("feedback: confirmed the subscription to %s", message["TopicArn"])
        return []
    if message["Type"] != "Notification":
        return []
    return provider_events.parse_ses(provider_events.parse_object(str(message.get("Message")).encode()))


def _parse_postmark(body: bytes) -> Sequence[ParsedFeedback]:
    login = parts().settings.postmark_login or abort(404)
    signatures.check_postmark(login, request.headers.get("Authorization", ""))
    return provider_events.parse_postmark(provider_events.parse_object(body))


def _parse_sendgrid(body: bytes) -> Sequence[ParsedFeedback]:
    key = parts().settings.sendgrid_key or abort(404)
    signatures.check_sendgrid(key, body, request.headers, parts().clock())
    return [
        feedback
        for event in provider_events.parse_events(body)
        for feedback in provider_events.parse_sendgrid(event)
    ]


def _parse_mailgun(body: bytes) -> Sequence[ParsedFeedback]:
    key = parts().settings.mailgun_key or abort(404)
    message = provider_events.parse_object(body)
    signature, event = message.get("signature"), message.get("event-data")
    if not isinstance(signature, dict) or not isinstance(event, dict):
        raise InvalidInputError("The body has no signature, or no event-data.")
    signatures.check_mailgun(key, signature, parts().clock())
    return provider_events.parse_mailgun(event)


def _parse_generic(body: bytes) -> Sequence[ParsedFeedback]:
    """Events in our own format; a whole mail (message/rfc822) is processed like one from the mailbox."""
    p = parts()
    secret = p.settings.webhook_secret or abort(404)
    signatures.check_generic(secret, body, request.headers, p.clock())
    if request.mimetype == "message/rfc822":
        process_mail(p.db, body, p.feedback_policy(), FeedbackOrigin("generic"), now=p.clock())
        return []
    events = provider_events.parse_object(body).get("events")
    rows = provider_events.parse_events(json.dumps(events).encode())
    return [feedback for event in rows for feedback in provider_events.parse_generic(event)]


def _fetch_certificate(url: str) -> bytes:
    if url not in _certificates:
        certificate = _fetch(url)
        if len(_certificates) >= MAX_CERTIFICATES:
            _certificates.clear()
        _certificates[url] = certificate
    return _certificates[url]


def _fetch(url: str) -> bytes:
    response = parts().ingest.fetcher.fetch(url)
    if not isinstance(response, Fetched):
        raise UnavailableError(f"feedback: Amazon SNS does not answer at {url.partition('?')[0]}")
    return response.body


# Each checks the signature of a request and parses its body.
PARSERS: dict[str, Callable[[bytes], Sequence[ParsedFeedback]]] = {
    "ses": _parse_ses,
    "postmark": _parse_postmark,
    "sendgrid": _parse_sendgrid,
    "mailgun": _parse_mailgun,
    "generic": _parse_generic,
}

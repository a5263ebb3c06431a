"""Webhooks to which mail providers post bounces, complaints and unsubscribes.

Each request must be signed, or have the login if it is from Postmark. An event that is posted again changes nothing.
Each event stands alone: one that can't be read is kept as it came, and counted in the answer. The status is 200 if the
request was accepted, 400 if its signature can't be found, 403 if its signature or login is wrong, 404 if the provider
is not configured, 413 if it is too long. After most errors, a provider tries again later.
"""

import hashlib
import logging
from collections.abc import Callable

from flask import Blueprint, Response, abort, jsonify, request

from digest.errors import InvalidInputError, UnavailableError
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.incoming_mail import process_mail
from digest.feedback.provider_intake import ProviderEvents, take_events
from digest.feedback.pure import provider_events, signatures
from digest.feedback.pure.signatures import ForgedRequestError
from digest.feedback.store import feedback as store
from digest.parts import parts
from digest.sources.http.results import Fetched

log = logging.getLogger(__name__)
bp = Blueprint("webhooks", __name__, url_prefix="/api/feedback")
MAX_BODY_BYTES = 1024 * 1024  # SendGrid's batches are at most 768 KB
MAX_CERTIFICATES = 8
NO_EVENTS = ProviderEvents((), lambda _event: ())
_certificates: dict[str, bytes] = {}  # of Amazon SNS, by URL; Amazon changes its certificate once a year


@bp.post("/<any(ses, postmark, sendgrid, mailgun, generic):provider>")
def receive(provider: str) -> tuple[Response, int]:
    """Act on the feedback that a provider posts."""
    # This setting also limits a chunked body, which does not declare its length.
    request.max_content_length = MAX_BODY_BYTES
    body = request.get_data(cache=False)
    try:
        batch = PARSERS[provider](body)
    except ForgedRequestError as error:
        log.warning("feedback: refused a request with a wrong signature for %s: %s", provider, error)
        return jsonify(error=str(error)), 403
    except InvalidInputError as error:
        return jsonify(error=str(error)), 400
    p = parts()
    origin = FeedbackOrigin(provider, signed=True)
    counts = take_events(p.db, batch, p.feedback_policy(), origin, now=p.clock())
    return jsonify(taken=counts.taken, new=counts.new, unread=counts.unread), 200


def _parse_ses(body: bytes) -> ProviderEvents:
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
        return NO_EVENTS
    if message["Type"] != "Notification":
        return NO_EVENTS
    # Amazon also sends plain text, to say that it may publish to the topic.
    event = provider_events.parse_or_keep(str(message.get("Message")).encode("utf-8", "replace"))
    return ProviderEvents([event], provider_events.parse_ses)


def _parse_postmark(body: bytes) -> ProviderEvents:
    login = parts().settings.postmark_login or abort(404)
    signatures.check_postmark(login, request.headers.get("Authorization", ""))
    return ProviderEvents([provider_events.parse_or_keep(body)], provider_events.parse_postmark)


def _parse_sendgrid(body: bytes) -> ProviderEvents:
    key = parts().settings.sendgrid_key or abort(404)
    signatures.check_sendgrid(key, body, request.headers, parts().clock())
    events = provider_events.parse_or_keep(body)
    return ProviderEvents(events if isinstance(events, list) else [events], provider_events.parse_sendgrid)


def _parse_mailgun(body: bytes) -> ProviderEvents:
    key = parts().settings.mailgun_key or abort(404)
    message = provider_events.parse_object(body)
    signature, event = message.get("signature"), message.get("event-data")
    if not isinstance(signature, dict) or not isinstance(event, dict):
        raise InvalidInputError("The body has no signature, or no event-data.")
    token = signatures.check_mailgun(key, signature, event, parts().clock())
    _use_token("mailgun", token, body)
    return ProviderEvents([event], provider_events.parse_mailgun)


def _use_token(provider: str, token: str, body: bytes) -> None:
    """Accept a token once, because its signature does not cover the body. The same request may come again."""
    p = parts()
    token_hash = hashlib.sha256(f"{provider}\0{token}".encode("utf-8", "replace")).hexdigest()
    lifetime = 2 * signatures.MAX_AGE[provider]
    with p.db.begin() as tx:
        body_hash = hashlib.sha256(body).hexdigest()
        is_first = store.use_token(tx, token_hash, body_hash, p.clock(), lifetime=lifetime)
    if not is_first:
        raise ForgedRequestError("the token of the signature was used before, with another event")


def _parse_generic(body: bytes) -> ProviderEvents:
    """Events in our own format; a whole mail (message/rfc822) is processed like one from the mailbox."""
    p = parts()
    secret = p.settings.webhook_secret or abort(404)
    signatures.check_generic(secret, body, request.headers, p.clock())
    if request.mimetype == "message/rfc822":
        process_mail(p.db, body, p.feedback_policy(), FeedbackOrigin("generic"), now=p.clock())
        return NO_EVENTS
    events = provider_events.parse_object(body).get("events")
    if not isinstance(events, list):
        raise InvalidInputError("The body has no array named events.")
    return ProviderEvents(events, provider_events.parse_generic)


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


# Each checks the signature of a request and finds its events.
PARSERS: dict[str, Callable[[bytes], ProviderEvents]] = {
    "ses": _parse_ses,
    "postmark": _parse_postmark,
    "sendgrid": _parse_sendgrid,
    "mailgun": _parse_mailgun,
    "generic": _parse_generic,
}

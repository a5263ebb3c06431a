"""Where mail providers post what came back. Each request must be signed; the same event again changes nothing.

Answers: 200 when it was taken (or was known), 400 for what can't be read, 403 for a signature that does not hold,
404 for a provider that is not set up, 413 for too much. A provider tries again later after anything but 200.
"""

import json
import logging
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, abort, jsonify, request

from digest.errors import InvalidInputError, UnavailableError
from digest.feedback.actions import take
from digest.feedback.identification import Trust
from digest.feedback.incoming_mail import take_mail
from digest.feedback.pure import provider_events, signatures
from digest.feedback.pure.classification import Reading
from digest.feedback.pure.signatures import ForgedError
from digest.parts import parts
from digest.sources.http.fetch import Fetched

log = logging.getLogger(__name__)
bp = Blueprint("webhooks", __name__, url_prefix="/api/feedback")
LARGEST = 1024 * 1024  # octets; SendGrid's batches are at most 768 KB
MOST_CERTIFICATES = 8
_certificates: dict[str, bytes] = {}  # of Amazon, by address; it changes them once a year


@bp.post("/<any(ses, postmark, sendgrid, mailgun, generic):provider>")
def receive(provider: str) -> tuple[Response, int]:
    """Take what a provider posts."""
    request.max_content_length = LARGEST  # also of what is sent in chunks, which says no length beforehand
    body = request.get_data(cache=False)
    try:
        readings = READERS[provider](body)
    except ForgedError as error:
        log.warning("feedback: a request as if from %s was refused: %s", provider, error)
        return jsonify(error=str(error)), 403
    except InvalidInputError as error:
        return jsonify(error=str(error)), 400
    return jsonify(taken=len(readings), new=sum(_act(one, provider) for one in readings)), 200


def _act(reading: Reading, provider: str) -> int:
    p = parts()
    trust = Trust(provider, signed=True)
    return take(p.db, reading, p.feedback(), trust, octets=b"", now=p.reader.clock()).new


def _ses(body: bytes) -> Sequence[Reading]:
    p = parts()
    if not p.settings.ses_topics:
        abort(404)
    message = provider_events.object_of(body)
    if str(message.get("TopicArn")) not in p.settings.ses_topics:
        raise ForgedError("the topic is not one of SES_TOPICS")
    signatures.check_sns(message, _fetched(signatures.sns_certificate_url(message)), p.reader.clock())
    if message["Type"] == "SubscriptionConfirmation":
        _fetch(signatures.sns_subscribe_url(message))
        log.info("feedback: the subscription to %s is confirmed", message["TopicArn"])
        return []
    return (
        provider_events.ses(provider_events.object_of(str(message.get("Message")).encode()))
        if message["Type"] == "Notification"
        else []
    )


def _postmark(body: bytes) -> Sequence[Reading]:
    login = parts().settings.postmark_login or abort(404)
    signatures.check_postmark(login, request.headers.get("Authorization", ""))
    return provider_events.postmark(provider_events.object_of(body))


def _sendgrid(body: bytes) -> Sequence[Reading]:
    key = parts().settings.sendgrid_key or abort(404)
    signatures.check_sendgrid(key, body, request.headers, parts().reader.clock())
    return [
        reading for event in provider_events.events_of(body) for reading in provider_events.sendgrid(event)
    ]


def _mailgun(body: bytes) -> Sequence[Reading]:
    key = parts().settings.mailgun_key or abort(404)
    message = provider_events.object_of(body)
    signature, event = message.get("signature"), message.get("event-data")
    if not isinstance(signature, dict) or not isinstance(event, dict):
        raise InvalidInputError("The body holds no signature, or no event-data.")
    signatures.check_mailgun(key, signature, parts().reader.clock())
    return provider_events.mailgun(event)


def _generic(body: bytes) -> Sequence[Reading]:
    """Events in our own form, or a whole mail (message/rfc822), which is read like any other."""
    p = parts()
    secret = p.settings.webhook_secret or abort(404)
    signatures.check_generic(secret, body, request.headers, p.reader.clock())
    if request.mimetype == "message/rfc822":
        take_mail(p.db, body, p.feedback(), Trust("generic"), now=p.reader.clock())
        return []
    events = provider_events.object_of(body).get("events")
    rows = provider_events.events_of(json.dumps(events).encode())
    return [reading for event in rows for reading in provider_events.generic(event)]


def _fetched(url: str) -> bytes:
    if url not in _certificates:
        found = _fetch(url)
        if len(_certificates) >= MOST_CERTIFICATES:
            _certificates.clear()
        _certificates[url] = found
    return _certificates[url]


def _fetch(url: str) -> bytes:
    answer = parts().reader.fetcher.fetch(url)
    if not isinstance(answer, Fetched):
        raise UnavailableError(f"feedback: Amazon SNS does not answer at {url.partition('?')[0]}")
    return answer.body


READERS: dict[str, Callable[[bytes], Sequence[Reading]]] = {
    "ses": _ses,
    "postmark": _postmark,
    "sendgrid": _sendgrid,
    "mailgun": _mailgun,
    "generic": _generic,
}

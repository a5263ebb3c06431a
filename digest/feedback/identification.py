"""Finds the subscribers that feedback is about, by tokens that only we can have made.

Anybody can write a bounce. So a subscriber is identified by a token of ours (a return path, an unsubscribe address or
link), or by the Message-ID of a delivery to the address that the bounce names. A signed webhook of a provider may also
name a subscriber by address alone, if we sent something there recently.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Tx
from digest.deliveries.messages.digest_message import SenderIdentity, message_id_local_part
from digest.deliveries.models import Delivery
from digest.deliveries.pure import return_paths
from digest.deliveries.pure.return_paths import AddressKind, AddressToken
from digest.deliveries.states import SENT_STATES
from digest.errors import InvalidInputError
from digest.feedback.pure.classification import ParsedFeedback, Recipient
from digest.feedback.store import feedback as store
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.links import TOKEN, SignedLinks
from digest.subscribers.store import letters, subscribers
from digest.subscribers.store.moves import has_moved_since

# A provider may name a subscriber by address alone, if we sent to that address within this time.
RECENT_DELIVERY = timedelta(days=30)
MESSAGE_ID = re.compile(r"\b([0-9a-f]{24})@")
UNSUBSCRIBE_LINK = re.compile(rf"/unsubscribe/({TOKEN.pattern})", re.ASCII)
MOST_ADDRESSES = 20  # addresses of one bounce that are looked up
MOST_LINKS = 5  # unsubscribe links of one mail that are verified


@dataclass(frozen=True, slots=True)
class IdentificationKeys:
    """The keys by which we recognise our own tokens."""

    sender: SenderIdentity
    links: SignedLinks


@dataclass(frozen=True, slots=True)
class IdentifiedSubscriber:
    """A subscriber that feedback is about, the delivery (None for a letter, or when unknown), and the diagnosis.

    `by_link_only`: only an unsubscribe link identifies the subscriber. Everybody to whom the mail was forwarded has
    that link, so this feedback can only unsubscribe.
    """

    subscriber: Subscriber
    delivery: Delivery | None
    diagnosis: Recipient | None
    by_link_only: bool = False


@dataclass(frozen=True, slots=True)
class FeedbackOrigin:
    """Where feedback came from; `name` is a FeedbackChannel. `envelope_to` is the envelope's recipient, if known."""

    name: str
    envelope_to: str = ""
    signed: bool = False  # by a provider that sends for us


def identify_subscribers(
    tx: Tx, feedback: ParsedFeedback, keys: IdentificationKeys, origin: FeedbackOrigin, *, now: datetime
) -> Sequence[IdentifiedSubscriber]:
    """The subscribers that feedback is about, each once."""
    diagnosis = _diagnosis(feedback)
    tokens = return_paths.find_tokens(keys.sender.secret, _all_text(feedback, origin))
    matches = [match for token in tokens if (match := _match_token(tx, token, diagnosis))]
    if not matches:
        matches = list(_match_links(tx, feedback, keys, diagnosis=diagnosis, now=now))
    if matches:
        # A delivery goes to one subscriber: we did not send it to the others that the mail names.
        return [min(matches, key=lambda match: match.delivery is None)]
    by_id: dict[int, IdentifiedSubscriber] = {}
    for match in _match_addresses(tx, feedback, keys.sender, origin, now=now):
        by_id.setdefault(match.subscriber.id, match)
    return list(by_id.values())


def has_own_token(feedback: ParsedFeedback, keys: IdentificationKeys, origin: FeedbackOrigin) -> bool:
    """Whether there may be a token, link or Message-ID of ours in the feedback, so that a look-up is worth it."""
    text = _all_text(feedback, origin)
    has_token = any(True for _ in return_paths.find_tokens(keys.sender.secret, text))
    lower = text.lower()
    has_message_id = MESSAGE_ID.search(lower) and f"@{keys.sender.domain}" in lower
    return has_token or bool(UNSUBSCRIBE_LINK.search(text) or has_message_id)


def unsubscribe_address_owner(
    feedback: ParsedFeedback, keys: IdentificationKeys, origin: FeedbackOrigin
) -> str:
    """The public id of the subscriber to whose unsubscribe address a mail was sent; "" for none."""
    recipients = f"{origin.envelope_to}\n{feedback.addressed_to}"
    owners = (
        token.public_id
        for token in return_paths.find_tokens(keys.sender.secret, recipients)
        if token.kind == AddressKind.SUBSCRIBER
    )
    return next(owners, "")


def _all_text(feedback: ParsedFeedback, origin: FeedbackOrigin) -> str:
    return f"{origin.envelope_to}\n{feedback.addressed_to}\n{feedback.searchable_text}"


def _diagnosis(feedback: ParsedFeedback) -> Recipient | None:
    """The result of a mail about one delivery, whichever addresses it names: hard only if none of them is soft."""
    unnamed = [feedback.unnamed_recipient] if feedback.unnamed_recipient else []
    return min(list(feedback.recipients) or unnamed, key=lambda recipient: recipient.hard, default=None)


def _match_token(tx: Tx, token: AddressToken, diagnosis: Recipient | None) -> IdentifiedSubscriber | None:
    delivery: Delivery | None = None
    subscriber: Subscriber | None = None
    sent_at: datetime | None = None
    match token.kind:
        case AddressKind.SUBSCRIBER:
            subscriber = subscribers.find_by_public_id(tx, token.public_id)
        case AddressKind.DELIVERY:
            delivery = store.delivery_by_id(tx, token.row_id)
            if (
                delivery
                and delivery.subscriber_id
                and int(delivery.planned_at.timestamp()) == token.timestamp
            ):
                subscriber = subscribers.find_by_id(tx, delivery.subscriber_id)
                sent_at = delivery.planned_at
        case AddressKind.LETTER:
            letter = letters.find_by_id(tx, token.row_id)
            # A letter to an address that a subscriber wants to move to says nothing about the one that they have.
            if letter and not letter.address and int(letter.created_at.timestamp()) == token.timestamp:
                subscriber = subscribers.find_by_id(tx, letter.subscriber_id)
                sent_at = letter.created_at
    if subscriber and sent_at and has_moved_since(tx, subscriber, sent_at):
        return None
    return IdentifiedSubscriber(subscriber, delivery, diagnosis) if subscriber else None


def _match_links(
    tx: Tx,
    feedback: ParsedFeedback,
    keys: IdentificationKeys,
    *,
    diagnosis: Recipient | None,
    now: datetime,
) -> Iterator[IdentifiedSubscriber]:
    """Match by the unsubscribe link, which returned mails and abuse reports usually contain."""
    for token in UNSUBSCRIBE_LINK.findall(feedback.searchable_text)[:MOST_LINKS]:
        try:
            public_id = keys.links.verify("unsubscribe", token, now)
        except InvalidInputError:
            continue
        subscriber = subscribers.find_by_public_id(tx, public_id)
        if subscriber is not None:
            yield IdentifiedSubscriber(subscriber, None, diagnosis, by_link_only=True)


def _match_addresses(
    tx: Tx, feedback: ParsedFeedback, sender: SenderIdentity, origin: FeedbackOrigin, *, now: datetime
) -> Iterator[IdentifiedSubscriber]:
    """Match by an address, if the mail has the Message-ID of a delivery to it or a provider signed the feedback."""
    message_ids = set(MESSAGE_ID.findall(feedback.searchable_text.lower()))
    for recipient in feedback.recipients[:MOST_ADDRESSES]:
        subscriber = _subscriber_at(tx, recipient.address)
        if subscriber is None:
            continue
        deliveries = store.newest_deliveries(tx, subscriber.id)
        delivery = _with_message_id(deliveries, subscriber, message_ids, sender)
        if delivery is None and origin.signed:
            delivery = _recently_sent(deliveries, now)
        if delivery is not None:
            yield IdentifiedSubscriber(subscriber, delivery, recipient)


def _subscriber_at(tx: Tx, address: str) -> Subscriber | None:
    try:
        return subscribers.find_by_address(tx, parse_address(address))
    except InvalidInputError:
        return None


def _with_message_id(
    deliveries: Sequence[Delivery], subscriber: Subscriber, message_ids: set[str], sender: SenderIdentity
) -> Delivery | None:
    """The delivery to a subscriber that had one of these Message-IDs."""
    public_id, email = subscriber.public_id, subscriber.email
    for delivery in deliveries:
        local_part = message_id_local_part(sender, delivery.edition_id, delivery.planned_at, public_id, email)
        if local_part in message_ids:
            return delivery
    return None


def _recently_sent(deliveries: Sequence[Delivery], now: datetime) -> Delivery | None:
    """The newest delivery that was sent within RECENT_DELIVERY."""
    sent = (
        delivery
        for delivery in deliveries
        if delivery.state in SENT_STATES and delivery.planned_at > now - RECENT_DELIVERY
    )
    return next(sent, None)

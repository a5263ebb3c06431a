"""What a letter offers to a subscriber, and what becomes of it: another choice, or another address.

The link of such a letter proves that whoever opens it has the mailbox that it was sent to.
"""

from datetime import datetime
from enum import StrEnum

from digest.database import Database, Tx
from digest.errors import ConflictError, TranslatableText
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import EmailAddress, address_hash, parse_address
from digest.subscribers.pure.subscription import Subscription, add_regions
from digest.subscribers.states import SUBSCRIBED_STATES, ConsentAction, LetterKind
from digest.subscribers.store import letters, suppressions
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.moves import has_moved_since
from digest.webhooks.recording import record
from digest.webhooks.states import EventType


class Choice(StrEnum):
    """What a subscriber does with the offer of another choice."""

    REPLACE = "replace"  # take what was asked for
    ADD = "add"  # keep everything, and add the regions that were asked for, in the language asked for
    KEEP = "keep"


def choose(db: Database, letter_id: str, choice: Choice, *, origin: str, now: datetime) -> Subscription:
    """Do what a subscriber chose; returns what they get now. Choosing the same again changes nothing."""
    with db.begin() as tx:
        letter, subscriber = letters.by_public_id(tx, letter_id, LetterKind.CHANGE)
        current = store.subscription_of(subscriber)
        if subscriber.state not in SUBSCRIBED_STATES:
            raise ConflictError(
                TranslatableText("This link is no longer valid. To get the digest again, subscribe again.")
            )
        chosen = chosen_subscription(current, Subscription.from_json(letter.requested_subscription), choice)
        if chosen != current:
            store.apply_subscription(tx, subscriber, chosen)
            store.add_consent(tx, subscriber, ConsentAction.CHANGED, origin, wording=choice, now=now)
            record(tx, EventType.SUBSCRIBER_CHANGED, now, id=subscriber.id)
        return chosen


def chosen_subscription(current: Subscription, asked: Subscription, choice: Choice) -> Subscription:
    """What a subscriber gets after a choice."""
    match choice:
        case Choice.REPLACE:
            return asked
        case Choice.ADD:
            return add_regions(current, asked)
        case Choice.KEEP:
            return current


def move(db: Database, letter_id: str, *, secret: str, origin: str, now: datetime) -> Subscriber:
    """Send a subscriber's digests to the address that a letter was sent to from now on.

    Raises ConflictError if the subscriber has left or moved since, or if the address is suppressed or another
    subscriber's by now.
    """
    with db.begin() as tx:
        letter, subscriber = letters.by_public_id(tx, letter_id, LetterKind.ADDRESS)
        address = parse_address(letter.address)
        if not _may_move(tx, letter, subscriber, address, secret=secret):
            raise ConflictError(
                TranslatableText("This link is no longer valid. To get the digest again, subscribe again.")
            )
        if subscriber.email_key != address.key:
            subscriber.email, subscriber.email_key = address.email, address.key
            store.add_consent(tx, subscriber, ConsentAction.MOVED, origin, wording="", now=now)
            record(tx, EventType.SUBSCRIBER_CHANGED, now, id=subscriber.id)
        return subscriber


def _may_move(tx: Tx, letter: Letter, subscriber: Subscriber, address: EmailAddress, *, secret: str) -> bool:
    if subscriber.state not in SUBSCRIBED_STATES:
        return False
    if subscriber.email_key == address.key:  # the link was used before
        return True
    is_suppressed = suppressions.find_by_hash(tx, address_hash(secret, address.key)) is not None
    if is_suppressed or store.find_by_address(tx, address) is not None:
        return False
    # Whoever has a mailbox that a subscriber has left again may not bring the digests back with the old letter.
    return not has_moved_since(tx, subscriber, letter.created_at)

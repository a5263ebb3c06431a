"""What a letter offers to a subscriber, and what becomes of it: another choice, or another address.

The link of such a letter proves that whoever opens it has the mailbox that it was sent to.
"""

from datetime import datetime
from enum import StrEnum

from digest.database import Database
from digest.errors import ConflictError, TranslatableText
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription, add_regions
from digest.subscribers.states import SUBSCRIBED_STATES, ConsentAction, LetterKind
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store


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


def move(db: Database, letter_id: str, *, origin: str, now: datetime) -> Subscriber:
    """Send a subscriber's digests to the address that a letter was sent to from now on.

    Raises ConflictError if it has become another subscriber's, or if the subscriber has left.
    """
    with db.begin() as tx:
        letter, subscriber = letters.by_public_id(tx, letter_id, LetterKind.ADDRESS)
        address = parse_address(letter.address)
        holder = store.find_by_address(tx, address)
        if subscriber.state not in SUBSCRIBED_STATES or (holder and holder.id != subscriber.id):
            raise ConflictError(
                TranslatableText("This link is no longer valid. To get the digest again, subscribe again.")
            )
        if subscriber.email_key != address.key:
            subscriber.email, subscriber.email_key = address.email, address.key
            store.add_consent(tx, subscriber, ConsentAction.MOVED, origin, wording="", now=now)
        return subscriber

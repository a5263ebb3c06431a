"""Plans the letters that people ask for with an address that is not proved to be theirs.

The caller must answer in the same way whatever was planned, so that nobody learns who subscribes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Tx, lock_for_transaction
from digest.subscribers.pure.email_address import EmailAddress, address_hash
from digest.subscribers.pure.mailbox import mailbox_key
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import (
    SUBSCRIBED_STATES,
    UNCONFIRMED_STATES,
    ConsentAction,
    LetterKind,
    SubscriberState,
    SuppressionReason,
)
from digest.subscribers.store import letters, suppressions
from digest.subscribers.store import subscribers as store

LETTERS_A_DAY = 4  # to one mailbox, so that a stranger who types its addresses again and again can't flood it


@dataclass(frozen=True, slots=True)
class SubscriptionRequest:
    """A request to subscribe: for which address, to what, from which network address, and the wording agreed to."""

    address: EmailAddress
    subscription: Subscription
    origin: str
    wording: str


def subscribe(tx: Tx, request: SubscriptionRequest, *, secret: str, now: datetime) -> int | None:
    """Plan the letter that a request to subscribe leads to; returns its id, or None for no letter.

    A current subscriber gets a letter with the choice between what they have and what was asked for, or with the link
    to their preferences if it is the same. Nothing changes, because the request does not prove whose address it is.
    Somebody whose data was erased may come back: confirming lifts that suppression.
    """
    _lock_mailbox(tx, request.address)
    suppression = suppressions.find_by_hash(tx, address_hash(secret, request.address.key))
    if suppression is not None and suppression.reason != SuppressionReason.ERASED:
        return None
    if _has_enough_letters(tx, request.address, now):
        return None
    subscriber = store.find_by_address(tx, request.address) or store.add(
        tx, request.address, request.subscription, now
    )
    if subscriber.state not in UNCONFIRMED_STATES:
        current = store.subscription_of(subscriber)
        if subscriber.state in SUBSCRIBED_STATES and request.subscription != current:
            return letters.add(tx, subscriber, LetterKind.CHANGE, request.subscription, now=now)
        return letters.add(tx, subscriber, LetterKind.LINK, current, now=now)
    store.add_consent(tx, subscriber, ConsentAction.ASKED, request.origin, wording=request.wording, now=now)
    return letters.add(tx, subscriber, LetterKind.CONFIRM, request.subscription, now=now)


def request_preferences_link(tx: Tx, address: EmailAddress, now: datetime) -> int | None:
    """Plan a letter with the link to the preferences, or for a pending subscriber the link to confirm.

    Returns its id; None when there is no subscriber, the address is suppressed, or the mailbox got enough letters
    today.
    """
    _lock_mailbox(tx, address)
    subscriber = store.find_by_address(tx, address)
    if subscriber is None or subscriber.state == SubscriberState.SUPPRESSED:
        return None
    if _has_enough_letters(tx, address, now):
        return None
    kind = LetterKind.CONFIRM if subscriber.state == SubscriberState.PENDING else LetterKind.LINK
    return letters.add(tx, subscriber, kind, store.subscription_of(subscriber), now=now)


def request_move(tx: Tx, public_id: str, address: EmailAddress, *, secret: str, now: datetime) -> int | None:
    """Plan the letter to the address to which a subscriber wants to move; returns its id.

    None if nothing may be sent to the address, it is another subscriber's, or its mailbox got enough letters today.
    """
    _lock_mailbox(tx, address)
    subscriber = store.find_by_public_id(tx, public_id)
    if subscriber is None or subscriber.state not in SUBSCRIBED_STATES:
        return None
    is_suppressed = suppressions.find_by_hash(tx, address_hash(secret, address.key)) is not None
    if is_suppressed or store.find_by_address(tx, address) or _has_enough_letters(tx, address, now):
        return None
    subscription = store.subscription_of(subscriber)
    return letters.add(tx, subscriber, LetterKind.ADDRESS, subscription, now=now, address=address)


def _lock_mailbox(tx: Tx, address: EmailAddress) -> None:
    """Let one transaction at a time count and plan letters to a mailbox, so that a double click counts as two."""
    lock_for_transaction(tx, "mailbox " + mailbox_key(address))


def _has_enough_letters(tx: Tx, address: EmailAddress, now: datetime) -> bool:
    return letters.count_since(tx, now - timedelta(days=1), mailbox=mailbox_key(address)) >= LETTERS_A_DAY

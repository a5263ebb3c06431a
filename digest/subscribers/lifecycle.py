"""The transitions of a subscriber, one function each: confirm, pause, leave, return, suppress, lift, erase.

Functions that take a `Database` open a transaction. The others work in the caller's transaction, so that the caller,
such as `digest.feedback`, can record its reason in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.database import Database, Tx
from digest.errors import ConflictError, InvalidInputError, NewsroomText, NotFoundError, TranslatableText
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import EmailAddress, address_hash, redact_addresses
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import (
    GONE_STATES,
    SUBSCRIBED_STATES,
    UNCONFIRMED_STATES,
    Cadence,
    ConsentAction,
    SubscriberState,
    SuppressionReason,
)
from digest.subscribers.store import imported_subscribers, imports, letters, suppressions
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.imported_subscribers import ImportedPerson
from digest.subscribers.store.suppressions import SuppressionCause
from digest.webhooks.recording import record, record_many
from digest.webhooks.states import EventType

# How far back the first digest looks.
FIRST_WINDOWS = {
    Cadence.DAILY: timedelta(days=1),
    Cadence.WEEKDAYS: timedelta(days=1),
    Cadence.WEEKLY: timedelta(days=7),
}
UNCONFIRMED_LIFETIME = timedelta(days=14)  # after this a pending subscription is removed
UNDO_TIME = timedelta(days=7)  # for which unsubscribing can be undone
LONGEST_PAUSE = timedelta(days=366)
SUPPRESSION_EVENTS = {
    SuppressionReason.BOUNCED: EventType.SUBSCRIBER_BOUNCED,
    SuppressionReason.COMPLAINED: EventType.SUBSCRIBER_COMPLAINED,
    SuppressionReason.EDITOR: EventType.SUBSCRIBER_LEFT,
    SuppressionReason.IMPORTED: EventType.SUBSCRIBER_LEFT,
}
MAX_DETAIL_LENGTH = 500  # characters of a suppression's detail


def confirm(
    db: Database, letter_id: str, *, origin: str, wording: str, secret: str, now: datetime
) -> Subscriber:
    """Make a subscriber active, with the subscription that the letter describes.

    Confirming twice changes nothing. Lifts the suppression that an erasure left. Raises ConflictError if the subscriber
    is suppressed, or left after the letter was written: then only a letter that they request later brings them back.
    """
    with db.begin() as tx:
        letter, subscriber = letters.confirmation_letter(tx, letter_id)
        if not may_confirm(letter, subscriber):
            raise ConflictError(
                TranslatableText("This link is no longer valid. To get the digest again, subscribe again.")
            )
        if subscriber.state in UNCONFIRMED_STATES:
            _lift_erasure(tx, address_hash(secret, subscriber.email_key))
            store.apply_subscription(tx, subscriber, Subscription.from_json(letter.requested_subscription))
            subscriber.state, subscriber.confirmed_at = SubscriberState.ACTIVE, now
            window_start = now - FIRST_WINDOWS[subscriber.cadence]
            # A subscriber who comes back is not offered again what they were offered before they left.
            subscriber.last_cutoff = max(window_start, subscriber.last_cutoff or window_start)
            subscriber.first_digest_since = now
            store.add_consent(tx, subscriber, ConsentAction.CONFIRMED, origin, wording=wording, now=now)
            record(tx, EventType.SUBSCRIBER_JOINED, now, id=subscriber.id)
    with db.read() as tx:
        return store.by_id(tx, subscriber.id)


def may_confirm(letter: Letter, subscriber: Subscriber) -> bool:
    """Whether the link in a letter still works: not for a suppressed subscriber, nor for one who left after it."""
    if subscriber.state == SubscriberState.SUPPRESSED:
        return False
    return subscriber.left_at is None or letter.created_at > subscriber.left_at


def add_confirmed(
    tx: Tx, newcomers: Mapping[EmailAddress, Subscription], *, wording: str, now: datetime
) -> int:
    """Add active subscribers from an import; `wording` says where and when they agreed. Returns how many are new."""
    people = [ImportedPerson(address, subscription, wording) for address, subscription in newcomers.items()]
    return len(add_imported(tx, people, now=now))


def add_imported(tx: Tx, people: Sequence[ImportedPerson], *, now: datetime) -> Sequence[int]:
    """Add the subscribers of an import, with those who left and their dates. Returns the ids of those who are new."""
    gone = [person for person in people if person.left_at]
    joined = imported_subscribers.add(tx, (person for person in people if not person.left_at), now)
    record_many(tx, EventType.SUBSCRIBER_JOINED, now, ({"id": subscriber_id} for subscriber_id in joined))
    return [*joined, *imported_subscribers.add(tx, gone, now)]


def change_subscription(
    db: Database, public_id: str, subscription: Subscription, *, now: datetime
) -> Subscriber:
    """Change what a subscriber gets and when; returns the subscriber."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        store.apply_subscription(tx, subscriber, subscription)
        record(tx, EventType.SUBSCRIBER_CHANGED, now, id=subscriber.id)
        return subscriber


def pause(db: Database, public_id: str, until: datetime, now: datetime) -> Subscriber:
    """Send nothing until `until`, within a year. Raises InvalidInputError, or ConflictError if they get no digests."""
    if not now < until <= now + LONGEST_PAUSE:
        raise InvalidInputError(
            TranslatableText(
                "%(day)s is not a day within the next year; a pause needs one to end on.", day=until.date()
            )
        )
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        if subscriber.state not in SUBSCRIBED_STATES:
            raise ConflictError(
                TranslatableText(
                    "This subscription is %(state)s; only an active one can be paused.",
                    state=subscriber.state,
                )
            )
        subscriber.state, subscriber.paused_until = SubscriberState.PAUSED, until
        subscriber.first_digest_since = None
        record(tx, EventType.SUBSCRIBER_CHANGED, now, id=subscriber.id)
        return subscriber


def resume(db: Database, public_id: str, *, now: datetime) -> Subscriber:
    """End a pause early. The next digest has the news of the pause. `store.resume_paused` ends pauses on time."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        if subscriber.state == SubscriberState.PAUSED:
            subscriber.state = SubscriberState.ACTIVE
            subscriber.paused_until, subscriber.next_due_at = None, None
            record(tx, EventType.SUBSCRIBER_CHANGED, now, id=subscriber.id)
        else:
            subscriber.leave_bulk_change()
        return subscriber


def leave(tx: Tx, subscriber: Subscriber, now: datetime) -> bool:
    """Unsubscribe a subscriber of the caller's transaction; false when they were unsubscribed or suppressed already.

    Deliveries that are planned for them are skipped when a sender claims them.
    """
    if subscriber.state in GONE_STATES:
        subscriber.leave_bulk_change()  # now they want it themselves
        return False
    subscriber.state, subscriber.left_at = SubscriberState.UNSUBSCRIBED, now
    subscriber.next_due_at, subscriber.paused_until, subscriber.first_digest_since = None, None, None
    record(tx, EventType.SUBSCRIBER_LEFT, now, id=subscriber.id)
    return True


def can_return(subscriber: Subscriber, now: datetime) -> bool:
    """Whether a subscriber may still undo their unsubscribing. A complaint can't be undone like this."""
    left_at, confirmed_at = subscriber.left_at, subscriber.confirmed_at
    if subscriber.state != SubscriberState.UNSUBSCRIBED or left_at is None or confirmed_at is None:
        return False
    return confirmed_at <= left_at and now - left_at <= UNDO_TIME


def return_after_leaving(db: Database, public_id: str, *, origin: str, now: datetime) -> Subscriber:
    """Undo an unsubscribing: the subscriber gets the digest again as before. Raises ConflictError if it is too late."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        if subscriber.state not in SUBSCRIBED_STATES:
            if not can_return(subscriber, now):
                raise ConflictError(
                    TranslatableText("It is too late to undo this. To get the digest again, subscribe again.")
                )
            subscriber.state, subscriber.left_at, subscriber.next_due_at = SubscriberState.ACTIVE, None, None
            store.add_consent(tx, subscriber, ConsentAction.RETURNED, origin, wording="", now=now)
            record(tx, EventType.SUBSCRIBER_JOINED, now, id=subscriber.id)
        return subscriber


def record_reason(db: Database, public_id: str, reason: str, words: str, now: datetime) -> None:
    """Record why a subscriber left: a reason of the page's list and their own words, of which either may be "".

    A later answer replaces the earlier one. It is deleted with the subscriber.
    """
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        subscriber.leave_bulk_change()
        store.remove_consents(tx, subscriber, ConsentAction.REASON)
        wording = ": ".join(filter(None, (reason, redact_addresses(words))))
        store.add_consent(tx, subscriber, ConsentAction.REASON, "", wording=wording, now=now)


def suppress(tx: Tx, subscriber: Subscriber, cause: SuppressionCause, *, secret: str, now: datetime) -> bool:
    """Send nothing to a subscriber from now on; false when they were suppressed already."""
    key = address_hash(secret, subscriber.email_key)
    suppressions.add(tx, key, _redacted(cause), subscriber_id=subscriber.id, now=now)
    if cause.reason == SuppressionReason.COMPLAINED:  # they left: only a new request brings them back
        subscriber.left_at = now
    if subscriber.state == SubscriberState.SUPPRESSED:
        return False
    subscriber.state, subscriber.next_due_at = SubscriberState.SUPPRESSED, None
    subscriber.first_digest_since = None
    if event := SUPPRESSION_EVENTS.get(cause.reason):
        record(tx, event, now, id=subscriber.id)
    return True


def suppress_address(
    db: Database, address: EmailAddress, cause: SuppressionCause, *, secret: str, now: datetime
) -> bool:
    """Send nothing to an address from now on, with or without a subscriber; false when it was suppressed already."""
    with db.begin() as tx:
        return suppress_address_within(tx, address, cause, secret=secret, now=now)


def suppress_address_within(
    tx: Tx,
    address: EmailAddress,
    cause: SuppressionCause,
    *,
    secret: str,
    now: datetime,
    since: datetime | None = None,
) -> bool:
    """`suppress_address` in the caller's transaction; `since` when the cause is from, if it is known."""
    key = address_hash(secret, address.key)
    was_suppressed = suppressions.find_by_hash(tx, key) is not None
    subscriber = store.find_by_address(tx, address)
    if subscriber is not None:
        return suppress(tx, subscriber, cause, secret=secret, now=now) or not was_suppressed
    suppressions.add(tx, key, _redacted(cause), subscriber_id=None, now=since or now)
    return not was_suppressed


def lift(tx: Tx, address: EmailAddress, *, secret: str, mistaken: bool, now: datetime) -> Subscriber | None:
    """Lift the suppression of an address; returns its subscriber, if there is one. Raises NotFoundError.

    `mistaken`: the bounce was not the fault of the address. If so, a subscriber who had confirmed and not left gets the
    digest again. Otherwise they must subscribe again, and also after a complaint, because an editor can't take it back
    for them.
    """
    key = address_hash(secret, address.key)
    suppression = suppressions.find_by_hash(tx, key)
    subscriber = store.find_by_address(tx, address)
    if suppression is None and (subscriber is None or subscriber.state != SubscriberState.SUPPRESSED):
        raise NotFoundError(NewsroomText("%(email)s is not suppressed.", email=address.email))
    bounced = suppression is None or suppression.reason == SuppressionReason.BOUNCED
    suppressions.remove(tx, key)
    if subscriber is not None and subscriber.state == SubscriberState.SUPPRESSED:
        if mistaken and bounced:
            _restore(subscriber, now)
        else:
            subscriber.state, subscriber.left_at = SubscriberState.UNSUBSCRIBED, now
    return subscriber


def erase(db: Database, public_id: str, *, secret: str, now: datetime) -> None:
    """Delete all rows of a subscriber. Only a keyed hash stays, so that nothing is sent to the address again."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        key, cause = address_hash(secret, subscriber.email_key), SuppressionCause(SuppressionReason.ERASED)
        suppressions.add(tx, key, cause, subscriber_id=None, now=now)
        imports.forget_address(tx, subscriber.email_key)
        store.remove(tx, subscriber)
        record(tx, EventType.SUBSCRIBER_ERASED, now, id=subscriber.id)


def forget_unconfirmed(db: Database, now: datetime) -> int:
    """Delete pending subscribers who did not confirm in time; returns how many."""
    with db.begin(time_limit=False) as tx:
        return store.remove_unconfirmed(tx, now - UNCONFIRMED_LIFETIME)


def _lift_erasure(tx: Tx, key: str) -> None:
    """Remove the hash of an erased address, which its holder has just proved to be theirs."""
    suppression = suppressions.find_by_hash(tx, key)
    if suppression is not None and suppression.reason == SuppressionReason.ERASED:
        suppressions.remove(tx, key)


def _redacted(cause: SuppressionCause) -> SuppressionCause:
    """The cause without addresses in its detail, because the suppression outlives an erased subscriber."""
    return replace(cause, detail=redact_addresses(cause.detail)[:MAX_DETAIL_LENGTH])


def _restore(subscriber: Subscriber, now: datetime) -> None:
    """Restore the state from before the suppression; unsubscribe a subscriber whose consent is no longer valid."""
    confirmed, left = subscriber.confirmed_at, subscriber.left_at
    if confirmed is None or (left is not None and left >= confirmed):
        subscriber.state = SubscriberState.UNSUBSCRIBED
        return
    subscriber.next_due_at = None
    paused = subscriber.paused_until is not None and subscriber.paused_until > now
    subscriber.state = SubscriberState.PAUSED if paused else SubscriberState.ACTIVE

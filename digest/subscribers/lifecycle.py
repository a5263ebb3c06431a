"""How somebody becomes a reader, changes what they get, leaves, and is forgotten."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.database import Database, serialise
from digest.errors import ConflictError, InvalidInputError, Sentence
from digest.subscribers.models import Letter, Subscriber
from digest.subscribers.pure.email_address import Address, address_hash
from digest.subscribers.pure.subscription import Wishes
from digest.subscribers.store import letters
from digest.subscribers.store import subscribers as store

FIRST_WINDOW = {"weekly": timedelta(days=7)}  # how far back the first digest looks; others: a day
LETTERS_A_DAY = 4  # to one address: a stranger who types it again and again can't flood it
UNCONFIRMED_FOR = timedelta(days=14)  # after which a pending subscription is forgotten
LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to join: who, what, from which network address, and the words they agreed to."""

    address: Address
    wishes: Wishes
    origin: str
    wording: str


def join(db: Database, asked: Asked, *, secret: str, now: datetime) -> int | None:
    """Take a request to join. Returns the id of the letter now owed, or None; the caller must answer the same.

    A known reader gets the link to their preferences instead of a second subscription, and nothing is changed:
    whoever typed the address has not shown yet that it is theirs.
    """
    with db.begin() as tx:
        serialise(tx, "join " + asked.address.key)  # a double click must not make two of one
        if store.suppressed(tx, address_hash(secret, asked.address.key)):
            return None
        subscriber = store.by_address(tx, asked.address) or store.add(tx, asked.address, asked.wishes, now)
        if letters.count_since(tx, subscriber, now - timedelta(days=1)) >= LETTERS_A_DAY:
            return None
        if subscriber.state not in ("pending", "unsubscribed"):
            return letters.owe(tx, subscriber, "link", store.wishes_of(subscriber), now=now)
        store.consent(tx, subscriber, "asked", asked.origin, wording=asked.wording, now=now)
        return letters.owe(tx, subscriber, "confirm", asked.wishes, now=now)


def confirm(db: Database, letter_id: str, *, origin: str, wording: str, now: datetime) -> Subscriber:
    """The holder of the address agrees to what the letter told of: from now on they are due, for just that.

    Confirming twice changes nothing. Raises ConflictError when they have left since: an old link must not bring
    them back; only one that they asked for afterwards does.
    """
    with db.begin() as tx:
        letter, subscriber = letters.to_confirm(tx, letter_id)
        if not may_confirm(letter, subscriber):
            raise ConflictError(Sentence("You have left since. To come back, subscribe again."))
        if subscriber.state in ("pending", "unsubscribed"):
            store.apply(tx, subscriber, Wishes.from_json(letter.wishes))
            subscriber.state, subscriber.confirmed_at = "active", now
            since = FIRST_WINDOW.get(subscriber.cadence, timedelta(days=1))
            # somebody who comes back is not shown again what they were offered before they left
            subscriber.last_cutoff = max(now - since, subscriber.last_cutoff or now - since)
            store.consent(tx, subscriber, "confirmed", origin, wording=wording, now=now)
    with db.read() as tx:
        return store.by_id(tx, subscriber.id)


def may_confirm(letter: Letter, subscriber: Subscriber) -> bool:
    """Whether a letter's link still counts: nobody who left is brought back by a letter from before."""
    if subscriber.state == "suppressed":
        return False
    return subscriber.left_at is None or letter.created_at > subscriber.left_at


def ask_for_link(db: Database, address: Address, now: datetime) -> int | None:
    """Owe a reader the link to their preferences; None when there is no such reader, or they had enough today."""
    with db.begin() as tx:
        subscriber = store.by_address(tx, address)
        if subscriber is None or subscriber.state == "suppressed":
            return None
        if letters.count_since(tx, subscriber, now - timedelta(days=1)) >= LETTERS_A_DAY:
            return None
        kind = "confirm" if subscriber.state == "pending" else "link"
        return letters.owe(tx, subscriber, kind, store.wishes_of(subscriber), now=now)


def change(db: Database, public_id: str, wishes: Wishes) -> Subscriber:
    """Change what a reader gets and when."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        store.apply(tx, subscriber, wishes)
        return subscriber


def pause(db: Database, public_id: str, until: datetime, now: datetime) -> Subscriber:
    """Send nothing until a moment; raises InvalidInputError when it is past or more than a year away."""
    if not now < until <= now + LONGEST_PAUSE:
        raise InvalidInputError(
            Sentence(
                "%(day)s is not a day within the next year; a pause needs one to end on.", day=until.date()
            )
        )
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        if subscriber.state not in ("active", "paused"):
            raise ConflictError(
                Sentence(
                    "This subscription is %(state)s; only an active one can be paused.",
                    state=subscriber.state,
                )
            )
        subscriber.state, subscriber.paused_until = "paused", until
        return subscriber


def resume(db: Database, public_id: str) -> Subscriber:
    """End a pause. The next digest tells what came meanwhile."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        if subscriber.state == "paused":
            subscriber.state, subscriber.paused_until, subscriber.next_due_at = "active", None, None
        return subscriber


def leave(db: Database, public_id: str, now: datetime) -> Subscriber | None:
    """Stop sending. None when they had left already."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        if subscriber.state in ("unsubscribed", "suppressed"):
            return None
        subscriber.state, subscriber.next_due_at, subscriber.paused_until = "unsubscribed", None, None
        subscriber.left_at = now
        return subscriber


def erase(db: Database, public_id: str, *, secret: str, now: datetime) -> None:
    """Forget a reader: all rows go, and a keyed hash stays so that the address is never written to again."""
    with db.begin() as tx:
        subscriber = store.by_public_id(tx, public_id)
        store.suppress(tx, address_hash(secret, subscriber.email_key), "erased", now)
        store.remove(tx, subscriber)


def forget_unconfirmed(db: Database, now: datetime) -> int:
    """Remove requests that nobody confirmed; returns how many."""
    with db.begin() as tx:
        return store.remove_unconfirmed(tx, now - UNCONFIRMED_FOR)

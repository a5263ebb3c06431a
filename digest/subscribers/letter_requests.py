"""Requests from pages for a letter to an address: recorded with one insert, answered with a letter a moment later.

So a page takes the same time whoever has the address, and the letters of a whole site can be bounded.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from digest.database import Database, Tx
from digest.errors import DatelineError
from digest.subscribers import letter_planning
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.models import LetterRequest
from digest.subscribers.pure.email_address import EmailAddress, parse_address
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import RequestKind
from digest.subscribers.store import letter_requests as store
from digest.subscribers.store import letters

log = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
LONGEST_WAIT = timedelta(days=1)  # after this a request is dropped: nobody waits for the letter any more


def record_subscription(db: Database, request: SubscriptionRequest, now: datetime) -> None:
    """Record a request to subscribe."""
    with db.begin() as tx:
        add_subscriptions(tx, [request], now)


def add_subscriptions(tx: Tx, requests: Iterable[SubscriptionRequest], now: datetime) -> None:
    """Record requests to subscribe, in the caller's transaction."""
    store.add_all(
        tx,
        (
            LetterRequest(
                kind=RequestKind.SUBSCRIBE,
                email=request.address.email,
                subscription=request.subscription.as_json(),
                origin=request.origin,
                wording=request.wording,
                created_at=now,
            )
            for request in requests
        ),
    )


def record_link(db: Database, address: EmailAddress, *, origin: str, now: datetime) -> None:
    """Record a request for the link to the preferences."""
    with db.begin() as tx:
        store.add(
            tx,
            LetterRequest(
                kind=RequestKind.LINK,
                email=address.email,
                subscription={},
                origin=origin,
                wording="",
                created_at=now,
            ),
        )


def record_move(db: Database, public_id: str, address: EmailAddress, *, origin: str, now: datetime) -> None:
    """Record a subscriber's request to move to another address."""
    with db.begin() as tx:
        store.add(
            tx,
            LetterRequest(
                kind=RequestKind.ADDRESS,
                email=address.email,
                subscription={"subscriber": public_id},
                origin=origin,
                wording="",
                created_at=now,
            ),
        )


def process_all(db: Database, *, secret: str, per_hour: int, now: datetime) -> int:
    """Plan the letters of all requests, by turns of their networks; returns how many requests were processed.

    Once `per_hour` letters were planned within an hour, the other requests wait; 0 sets no such limit.
    """
    with db.read() as tx:
        if not store.any_waiting(tx):
            return 0
    count = 0
    while _process_next(db, secret=secret, per_hour=per_hour, now=now):
        count += 1
    return count


def is_limit_reached(tx: Tx, per_hour: int, now: datetime) -> bool:
    """Whether so many letters were planned within an hour that requests wait."""
    return per_hour > 0 and letters.count_since(tx, now - HOUR) >= per_hour


def _process_next(db: Database, *, secret: str, per_hour: int, now: datetime) -> bool:
    """Process a request and delete it, in one transaction; false if there is none, or all must wait."""
    with db.begin() as tx:
        if is_limit_reached(tx, per_hour, now):
            log.error(
                "letters.limit_reached: %d letters within an hour (LETTERS_PER_HOUR); %d requests wait",
                per_hour,
                store.count_waiting(tx),
            )
            return False
        request = store.take_next(tx)
        if request is None:
            return False
        if request.created_at > now - LONGEST_WAIT:
            try:
                _plan_letter(tx, request, secret=secret, now=now)
            except DatelineError as error:
                log.warning("a request of the kind %s was dropped: %s", request.kind, error)
        return True


def _plan_letter(tx: Tx, request: LetterRequest, *, secret: str, now: datetime) -> None:
    address = parse_address(request.email)
    if request.kind == RequestKind.LINK:
        letter_planning.request_preferences_link(tx, address, now)
        return
    if request.kind == RequestKind.ADDRESS:
        letter_planning.request_move(tx, request.subscription["subscriber"], address, secret=secret, now=now)
        return
    subscription = Subscription.from_json(request.subscription)
    letter_planning.subscribe(
        tx,
        SubscriptionRequest(address, subscription, request.origin, request.wording),
        secret=secret,
        now=now,
    )

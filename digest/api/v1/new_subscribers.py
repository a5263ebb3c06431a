"""New subscribers: one, or many at a time; asked by a letter, or active at once with a proof of their consent."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from flask import Response

from digest.accounts.audit import Change
from digest.api.v1.access import token_holder
from digest.api.v1.answers import answer
from digest.api.v1.blueprint import BASE_PATH
from digest.api.v1.operations import operation
from digest.api.v1.reading import InvalidValuesError
from digest.api.v1.schemas.people import (
    ConsentProof,
    NewSubscriber,
    NewSubscribers,
    NewSubscribersAnswer,
    SubscriberReference,
)
from digest.api.v1.subscriptions import read_address, read_subscription
from digest.api.v1.trail import record, record_within
from digest.database import Tx
from digest.errors import ConflictError, DatelineError
from digest.parts import parts
from digest.subscribers import letter_requests, lifecycle
from digest.subscribers.letter_planning import SubscriptionRequest
from digest.subscribers.pure.email_address import EmailAddress, address_hash
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import subscribers as store
from digest.subscribers.store import suppressions
from digest.subscribers.store.imported_subscribers import ImportedPerson
from digest.task_names import TaskName
from digest.tasks import enqueue

Value = TypeVar("Value")


@operation(
    "POST",
    "/subscribers",
    tag="subscribers",
    answer=SubscriberReference,
    statuses=(201, 202),
    problems=(409,),
    repeatable=True,
)
def add_subscriber(json: NewSubscriber) -> Response:
    """Add a subscriber.

    Without `consent`, a letter asks them to confirm, as after the form of the site: 202, also for an address that is
    known or suppressed. With `consent`, they are active at once: 201. 409 if they are suppressed or known already.
    """
    address, subscription = read_address(json.email), read_subscription(json)
    if json.consent is None:
        _ask(address, subscription)
        return answer(SubscriberReference(id=None, state="asked"), 202)
    subscriber_id = _add_confirmed(address, subscription, json.consent)
    record("subscriber added", f"subscriber {subscriber_id}", link=f"/admin/subscribers/{subscriber_id}")
    shown = SubscriberReference(id=subscriber_id, state=SubscriberState.ACTIVE)
    return answer(shown, 201, location=f"{BASE_PATH}/subscribers/{subscriber_id}")


@operation(
    "POST",
    "/subscribers/batch",
    tag="subscribers",
    answer=NewSubscribersAnswer,
    statuses=(202,),
    repeatable=True,
)
def add_subscribers(json: NewSubscribers) -> Response:
    """Add up to 500 subscribers.

    Each as `POST /subscribers` does. If a value of one is invalid, none is added (422 names each). Those with `consent`
    who are known or suppressed already stay as they are, and are counted.
    """
    asked, proved = _read_all(json.subscribers)
    p = parts()
    with p.db.begin() as tx:
        letter_requests.add_subscriptions(tx, asked, p.clock())
        counts = NewSubscribersAnswer(asked=len(asked), **_add_all_confirmed(tx, proved))
        record_within(tx, "subscribers added", change=Change(after=counts.model_dump()))
    if asked:
        enqueue(TaskName.SEND_LETTERS)
    return answer(counts, 202)


def _read_all(
    bodies: Sequence[NewSubscriber],
) -> tuple[list[SubscriptionRequest], dict[EmailAddress, ImportedPerson]]:
    """Those who are asked by a letter, and those with a proof of consent. Raises InvalidValuesError with all errors."""
    errors: dict[str, str] = {}
    asked: list[SubscriptionRequest] = []
    proved: dict[EmailAddress, ImportedPerson] = {}
    for number, body in enumerate(bodies):
        place = f"/subscribers/{number}"
        address = _noting(errors, f"{place}/email", partial(read_address, body.email))
        subscription = _noting(errors, place, partial(read_subscription, body))
        if address is None or subscription is None:
            continue
        if body.consent is None:
            asked.append(_request(address, subscription))
        else:
            proved[address] = ImportedPerson(address, subscription, _wording(body.consent))
    if errors:
        raise InvalidValuesError(errors)
    return asked, proved


def _noting(errors: dict[str, str], place: str, read: Callable[[], Value]) -> Value | None:
    """What `read` returns; None if it raises, with the error at `place`."""
    try:
        return read()
    except DatelineError as error:
        errors[place] = str(error)
        return None


def _add_all_confirmed(tx: Tx, people: Mapping[EmailAddress, ImportedPerson]) -> dict[str, int]:
    p = parts()
    hashes = {address: address_hash(p.settings.secret_key, address.key) for address in people}
    suppressed = suppressions.suppressed_hashes(tx, hashes.values())
    allowed = [person for address, person in people.items() if hashes[address] not in suppressed]
    added = len(lifecycle.add_imported(tx, allowed, now=p.clock()))
    return {"added": added, "known": len(allowed) - added, "suppressed": len(people) - len(allowed)}


def _ask(address: EmailAddress, subscription: Subscription) -> None:
    p = parts()
    with p.db.begin() as tx:
        letter_requests.add_subscriptions(tx, [_request(address, subscription)], p.clock())
        record_within(tx, "subscriber asked")
    enqueue(TaskName.SEND_LETTERS)


def _request(address: EmailAddress, subscription: Subscription) -> SubscriptionRequest:
    holder = token_holder()
    return SubscriptionRequest(address, subscription, f"API token {holder.name}, {holder.network}", "")


def _add_confirmed(address: EmailAddress, subscription: Subscription, consent: ConsentProof) -> int:
    """Add an active subscriber, as an import does; returns their id. Raises ConflictError."""
    p = parts()
    with p.db.begin() as tx:
        if suppressions.find_by_hash(tx, address_hash(p.settings.secret_key, address.key)) is not None:
            raise ConflictError(
                f"{address.email} is suppressed; lift the suppression first if its owner asks for it."
            )
        added = lifecycle.add_confirmed(tx, {address: subscription}, wording=_wording(consent), now=p.clock())
        row = store.find_by_address(tx, address)
        if not added or row is None:
            raise ConflictError(
                f"{address.email} is subscriber {row.id if row else '?'} already; change that one."
            )
        return row.id


def _wording(consent: ConsentProof) -> str:
    return f"API token {token_holder().name}; agreed at {consent.at.isoformat()}: {consent.wording}"

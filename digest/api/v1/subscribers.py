"""Subscribers: listing them, and what programs do on their behalf. The audit trail names them by id only."""

from flask import Response

from digest.accounts.audit import Change
from digest.api.v1.answers import Page, answer, no_content, page_answer, read_id_cursor, require_match
from digest.api.v1.operations import operation
from digest.api.v1.schemas.people import (
    ConsentOut,
    FeedbackOut,
    History,
    LetterOut,
    NoteOut,
    Pause,
    ReceivedOut,
    SubscriberOut,
    SubscriberQuery,
    SubscriptionBody,
)
from digest.api.v1.subscriptions import read_address, read_subscription
from digest.api.v1.trail import record
from digest.errors import ConflictError
from digest.feedback.store import feedback
from digest.parts import parts
from digest.subscribers import letter_planning, lifecycle
from digest.subscribers.models import Subscriber
from digest.subscribers.pure.email_address import EmailAddress
from digest.subscribers.states import SubscriberState
from digest.subscribers.store import letters, notes, pages
from digest.subscribers.store import subscribers as store
from digest.subscribers.store.pages import SubscriberSelection
from digest.task_names import TaskName
from digest.tasks import enqueue


@operation("GET", "/subscribers", tag="subscribers", answer=Page[SubscriberOut])
def list_subscribers(query: SubscriberQuery) -> Response:
    """List subscribers.

    By id, so that who comes while you read is on the last page.
    """
    key = read_address(query.email, "?email").key if query.email is not None else ""
    selection = SubscriberSelection(query.state, key)
    with parts().db.read() as tx:
        rows = pages.subscribers_after(tx, selection, after=read_id_cursor(query), limit=query.limit)
    return page_answer([SubscriberOut.of(row) for row in rows], query, SubscriberOut)


@operation("GET", "/subscribers/<int:subscriber_id>", tag="subscribers", answer=SubscriberOut)
def get_subscriber(subscriber_id: int) -> Response:
    """Get a subscriber."""
    return answer(_load(subscriber_id))


@operation(
    "PATCH", "/subscribers/<int:subscriber_id>", tag="subscribers", answer=SubscriberOut, conditional=True
)
def change_subscriber(subscriber_id: int, json: SubscriptionBody) -> Response:
    """Change what a subscriber gets, and when."""
    p, row = parts(), _row(subscriber_id)
    require_match(SubscriberOut.of(row))
    subscription = read_subscription(json, row)
    lifecycle.change_subscription(p.db, row.public_id, subscription, now=p.clock())
    changed = sorted(json.model_dump(exclude_none=True))
    change = Change(after={"changed": changed})
    record("subscriber changed", f"subscriber {subscriber_id}", link=_link(subscriber_id), change=change)
    return answer(_load(subscriber_id))


@operation(
    "POST",
    "/subscribers/<int:subscriber_id>/pause",
    tag="subscribers",
    answer=SubscriberOut,
    problems=(409,),
    conditional=True,
)
def pause_subscriber(subscriber_id: int, json: Pause) -> Response:
    """Pause a subscription."""
    p, row = parts(), _row(subscriber_id)
    require_match(SubscriberOut.of(row))
    lifecycle.pause(p.db, row.public_id, json.until, p.clock())
    return _changed(row, "subscriber paused")


@operation(
    "POST",
    "/subscribers/<int:subscriber_id>/resume",
    tag="subscribers",
    answer=SubscriberOut,
    problems=(409,),
    conditional=True,
)
def resume_subscriber(subscriber_id: int) -> Response:
    """End a pause.

    The next digest has the news of the pause.
    """
    p, row = parts(), _row(subscriber_id)
    require_match(SubscriberOut.of(row))
    if row.state != SubscriberState.PAUSED:
        raise ConflictError(f"Subscriber {subscriber_id} is {row.state}, not paused.")
    lifecycle.resume(p.db, row.public_id, now=p.clock())
    return _changed(row, "subscriber resumed")


@operation(
    "POST",
    "/subscribers/<int:subscriber_id>/unsubscribe",
    tag="subscribers",
    answer=SubscriberOut,
    problems=(409,),
    conditional=True,
)
def unsubscribe_subscriber(subscriber_id: int) -> Response:
    """Unsubscribe somebody who asked for it.

    Only they can subscribe again, and must confirm it.
    """
    p = parts()
    require_match(_load(subscriber_id))
    with p.db.begin() as tx:
        row = store.by_id(tx, subscriber_id)
        before = row.state
        has_left = lifecycle.leave(tx, row, p.clock())
    if not has_left:
        raise ConflictError(f"Subscriber {subscriber_id} is {before} already.")
    change = Change(before={"state": before}, after={"state": row.state})
    record("subscriber unsubscribed", f"subscriber {subscriber_id}", link=_link(subscriber_id), change=change)
    return answer(_load(subscriber_id))


@operation(
    "POST", "/subscribers/<int:subscriber_id>/link", tag="subscribers", statuses=(202,), problems=(409,)
)
def send_link(subscriber_id: int) -> Response:
    """Send a subscriber the link to their preferences.

    Or the link to confirm, to one who has not. At most four such letters a day go to a mailbox.
    """
    p, row = parts(), _row(subscriber_id)
    with p.db.begin() as tx:
        address = EmailAddress(row.email, row.email_key)
        letter_id = letter_planning.request_preferences_link(tx, address, p.clock())
    if letter_id is None:
        raise ConflictError(
            "No mail was sent: the address is suppressed, or got four such mails within a day."
        )
    record("link sent", f"subscriber {subscriber_id}", link=_link(subscriber_id))
    enqueue(TaskName.SEND_LETTERS)
    return Response(status=202)


@operation("DELETE", "/subscribers/<int:subscriber_id>", tag="subscribers", statuses=(204,), conditional=True)
def erase_subscriber(subscriber_id: int) -> Response:
    """Erase a subscriber.

    Deletes all data about them for good. A keyed hash of the address stays, so that nothing is sent to it again.
    """
    p, row = parts(), _row(subscriber_id)
    require_match(SubscriberOut.of(row))
    lifecycle.erase(p.db, row.public_id, secret=p.settings.secret_key, now=p.clock())
    record("subscriber erased", f"subscriber {subscriber_id}")
    return no_content()


@operation("GET", "/subscribers/<int:subscriber_id>/history", tag="subscribers", answer=History)
def get_history(subscriber_id: int) -> Response:
    """Get what is stored about a subscriber.

    Consents, letters, notes of the newsroom, the newest 50 deliveries, and feedback: what somebody may ask for under
    data protection law.
    """
    with parts().db.read() as tx:
        row = store.by_id(tx, subscriber_id)
        sent, _total = feedback.deliveries_of(tx, subscriber_id)
        history = History(
            consents=[ConsentOut.model_validate(consent) for consent in store.consents(tx, row)],
            letters=[LetterOut.model_validate(letter) for letter in letters.of_subscriber(tx, row)],
            deliveries=[_received(each) for each in sent],
            notes=[NoteOut.model_validate(note) for note in notes.of_subscriber(tx, subscriber_id)],
            feedback=[FeedbackOut.of(each) for each in feedback.of_subscriber(tx, subscriber_id)],
        )
    return answer(history)


def _received(sent: feedback.SentDigest) -> ReceivedOut:
    names = ReceivedOut.model_fields.keys() - {"subject"}
    return ReceivedOut(**{name: getattr(sent.delivery, name) for name in names}, subject=sent.digest.subject)


def _changed(before: Subscriber, action: str) -> Response:
    """Record a transition, and answer with the subscriber."""
    shown = _load(before.id)
    change = Change(before={"state": before.state}, after={"state": shown.state})
    record(action, f"subscriber {before.id}", link=_link(before.id), change=change)
    return answer(shown)


def _row(subscriber_id: int) -> Subscriber:
    with parts().db.read() as tx:
        return store.by_id(tx, subscriber_id)


def _load(subscriber_id: int) -> SubscriberOut:
    return SubscriberOut.of(_row(subscriber_id))


def _link(subscriber_id: int) -> str:
    return f"/admin/subscribers/{subscriber_id}"

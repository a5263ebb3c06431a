"""Feedback, and addresses that are never written to."""

from flask import Response

from digest.accounts.audit import NO_DETAILS, Change
from digest.api.v1.answers import Page, answer, page_answer, read_cursor, read_id_cursor
from digest.api.v1.operations import operation
from digest.api.v1.schemas.people import (
    AddressBody,
    FeedbackOut,
    FeedbackQuery,
    Lift,
    LiftedOut,
    SuppressionOut,
    SuppressionQuery,
)
from digest.api.v1.subscriptions import read_address
from digest.api.v1.trail import record
from digest.feedback import suppression
from digest.feedback.store import feedback as store
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.pure.email_address import EmailAddress, address_hash
from digest.subscribers.states import SuppressionReason
from digest.subscribers.store import pages, subscribers, suppressions
from digest.subscribers.store.suppressions import SuppressionCause


@operation("GET", "/feedback", tag="feedback", answer=Page[FeedbackOut])
def list_feedback(query: FeedbackQuery) -> Response:
    """List feedback.

    Bounces, complaints and unsubscriptions; the newest come first.
    """
    selection = store.FeedbackSelection(
        query.kind, query.reason, query.domain.casefold(), query.subscriber, query.edition
    )
    with parts().db.read() as tx:
        rows = store.feedback_before(tx, selection, before=read_id_cursor(query), limit=query.limit)
    return page_answer([FeedbackOut.of(row) for row in rows], query, FeedbackOut)


@operation("GET", "/suppressions", tag="suppressions", answer=Page[SuppressionOut])
def list_suppressions(query: SuppressionQuery) -> Response:
    """List suppressions.

    Most addresses are known by their keyed hash only; `email` looks one up.
    """
    with parts().db.read() as tx:
        if query.email is not None:
            found = suppressions.find_by_hash(tx, _hash(read_address(query.email, "?email")))
            rows = [found] if found else []
        else:
            after = read_cursor(query) or None
            rows = list(pages.suppressions_after(tx, query.reason, after=after, limit=query.limit))
    shown = [SuppressionOut.of(row) for row in rows]
    return page_answer(shown, query, SuppressionOut, key=lambda row: row.address_hash)


@operation("POST", "/suppressions", tag="suppressions", answer=SuppressionOut, statuses=(200, 201))
def suppress_address(json: AddressBody) -> Response:
    """Suppress an address.

    Nothing is sent to it any more, whether it has a subscriber or not. 200 if it was suppressed already.
    """
    p, address = parts(), read_address(json.email)
    secret, cause = p.settings.secret_key, SuppressionCause(SuppressionReason.EDITOR)
    is_new = lifecycle.suppress_address(p.db, address, cause, secret=secret, now=p.clock())
    if is_new:
        record("address suppressed", link="/admin/suppressions")
    with p.db.read() as tx:
        row = suppressions.find_by_hash(tx, _hash(address))
    assert row is not None  # noqa: S101  -- it was written above
    return answer(SuppressionOut.of(row), 201 if is_new else 200)


@operation("POST", "/suppressions/lift", tag="suppressions", answer=LiftedOut, problems=(404,))
def lift_suppression(json: Lift) -> Response:
    """Lift the suppression of an address.

    Do this only if its owner asks for it, or if the bounce was a mistake.
    """
    p, address = parts(), read_address(json.email)
    with p.db.read() as tx:
        subscriber = subscribers.find_by_address(tx, address)
    secret = p.settings.secret_key
    state = suppression.lift(p.db, address, secret=secret, mistaken=json.mistaken, now=p.clock())
    change = Change(before={"state": subscriber.state}, after={"state": state}) if subscriber else NO_DETAILS
    target = f"subscriber {subscriber.id}" if subscriber else ""
    record("suppression removed", target, link="/admin/suppressions", change=change)
    return answer(LiftedOut(state=state))


def _hash(address: EmailAddress) -> str:
    return address_hash(parts().settings.secret_key, address.key)

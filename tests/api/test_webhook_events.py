"""Each event of a webhook stands alone, what can't be read is kept, and a replayed signature suppresses nobody."""

import json
from typing import Any

import pytest

from digest.errors import UnavailableError
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.models import UnreadEvent
from digest.feedback.provider_intake import ProviderEvents, take_events
from digest.feedback.pure.classification import ParsedFeedback
from digest.feedback.store import feedback
from tests.api.signed_requests import (
    TIMESTAMP,
    PostToWebhook,
    generic_headers,
    mailgun_body,
    sendgrid_headers,
)
from tests.builders import World
from tests.feedback.conftest import FeedbackScenario

ODD_STATUSES: tuple[object, ...] = (
    "5", "550", "5.1.1.1", "5.", ".", "5.1", "x.y.z", "5.1.1 ", "9.9.9", "5.9999.1", "-1", "", 5, 5.11, None, [], {},
    True, "5.1.1" * 900, "\0", "\ud800", "٥.١.١",
)  # fmt: skip


def sendgrid_bounce(address: str, number: int, **more: Any) -> dict[str, Any]:
    event = {"event": "bounce", "type": "bounce", "email": address, "sg_event_id": str(number)}
    return event | {"reason": "550 5.1.1 no such user", "status": "5.1.1"} | more


def unread(scenario: FeedbackScenario) -> list[UnreadEvent]:
    with scenario.db.read() as tx:
        return list(feedback.unread_events(tx))


@pytest.mark.parametrize("status", ODD_STATUSES, ids=range(len(ODD_STATUSES)))
def test_an_odd_status_loses_neither_its_event_nor_its_batch(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, status: object
) -> None:
    first, odd, last = (world.subscriber(f"{name}@far.example") for name in ("first", "odd", "last"))
    for subscriber in (first, odd, last):
        scenario.delivery(subscriber)
    events = [
        sendgrid_bounce(first.email, 1),
        sendgrid_bounce(odd.email, 2, status=status),
        sendgrid_bounce(last.email, 3),
    ]
    body = json.dumps(events).encode()
    response = post_webhook("sendgrid", body, sendgrid_headers(body))
    assert (response.status_code, response.json) == (200, {"taken": 3, "new": 3, "unread": 0})
    assert {scenario.reload(subscriber).state for subscriber in (first, odd, last)} == {"suppressed"}


@pytest.mark.parametrize("status", ODD_STATUSES, ids=range(len(ODD_STATUSES)))
def test_an_odd_status_without_words_makes_no_address_dead(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, status: object
) -> None:
    subscriber = world.subscriber("odd@far.example")
    scenario.delivery(subscriber)
    event = {"id": "1", "kind": "bounce", "address": subscriber.email, "status": status}
    body = json.dumps({"events": [event]}).encode()
    response = post_webhook("generic", body, generic_headers(body))
    assert (response.status_code, response.json) == (200, {"taken": 1, "new": 1, "unread": 0})
    assert scenario.reload(subscriber).state == ("suppressed" if status == "5.1.1 " else "active")


@pytest.mark.parametrize(
    "odd", [1, None, "words", [], [[{}]], {"id": "1"}, {"kind": "bounce"}, {"id": "2", "kind": "x"}]
)
def test_what_cannot_be_read_is_kept_and_counted(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, odd: object
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.delivery(subscriber)
    event = {"id": "9", "kind": "unsubscribe", "address": subscriber.email}
    body = json.dumps({"events": [odd, event]}).encode()
    response = post_webhook("generic", body, generic_headers(body))
    assert (response.status_code, response.json) == (200, {"taken": 1, "new": 1, "unread": 1})
    assert scenario.reload(subscriber).state == "unsubscribed"
    (row,) = unread(scenario)
    assert row.raw == (odd if isinstance(odd, str) else json.dumps(odd))
    assert (row.origin, bool(row.error)) == ("generic", True)


@pytest.mark.parametrize("body", [b"no JSON", b"\xff\x00", b"17", b"{}", b"[" * 100_000, b"[1, null]"])
def test_a_signed_body_that_is_no_batch_is_kept(
    scenario: FeedbackScenario, post_webhook: PostToWebhook, body: bytes
) -> None:
    response = post_webhook("sendgrid", body, sendgrid_headers(body))
    assert response.status_code == 200
    assert len(unread(scenario)) == {b"{}": 0, b"[1, null]": 2}.get(body, 1)


def test_an_event_that_breaks_the_parser_loses_no_other(scenario: FeedbackScenario) -> None:
    def parse(event: Any) -> list[ParsedFeedback]:
        return [] if event["good"] else [][0]

    batch = ProviderEvents([{"good": False}, {"good": True}, {}], parse)
    counts = take_events(
        scenario.db, batch, scenario.policy, FeedbackOrigin("generic", signed=True), now=scenario.clock()
    )
    assert (counts.taken, counts.unread) == (0, 2)
    assert {row.error.partition(":")[0] for row in unread(scenario)} == {"IndexError", "KeyError"}


def test_while_the_database_is_unavailable_the_provider_must_try_again(scenario: FeedbackScenario) -> None:
    def parse(_event: Any) -> list[ParsedFeedback]:
        raise UnavailableError("database: away")

    origin = FeedbackOrigin("generic", signed=True)
    with pytest.raises(UnavailableError):
        take_events(scenario.db, ProviderEvents([{}], parse), scenario.policy, origin, now=scenario.clock())
    assert unread(scenario) == []


def mailgun_failure(address: str, event_id: str, **more: Any) -> dict[str, Any]:
    status = {"code": 550, "message": "5.1.1 user unknown"}
    return {"event": "failed", "severity": "permanent", "recipient": address, "id": event_id, "delivery-status": status,
            "timestamp": int(TIMESTAMP) + 0.25} | more  # fmt: skip


def test_a_token_of_mailgun_is_valid_for_one_event(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook
) -> None:
    bounced, other = world.subscriber("anna@far.example"), world.subscriber("ben@far.example")
    for subscriber in (bounced, other):
        scenario.delivery(subscriber)
    body = mailgun_body(mailgun_failure(bounced.email, "e1"))
    assert post_webhook("mailgun", body).json == {"taken": 1, "new": 1, "unread": 0}
    assert post_webhook("mailgun", body).json == {"taken": 1, "new": 0, "unread": 0}
    replayed = mailgun_body(mailgun_failure(other.email, "e2"))
    assert post_webhook("mailgun", replayed).status_code == 403
    assert scenario.reload(other).state == "active"
    fresh = mailgun_body(mailgun_failure(other.email, "e2"), token="another token")
    assert post_webhook("mailgun", fresh).json == {"taken": 1, "new": 1, "unread": 0}


@pytest.mark.parametrize("hours", [10, 23.9, 24, 48])
def test_an_old_signature_of_mailgun_suppresses_nobody(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, hours: float
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.delivery(subscriber)
    body = mailgun_body(mailgun_failure(subscriber.email, "e1"))
    scenario.advance(hours=hours)
    assert post_webhook("mailgun", body).status_code == 403
    assert scenario.reload(subscriber).state == "active"


@pytest.mark.parametrize("timestamp", [int(TIMESTAMP) - 86400, int(TIMESTAMP) + 3600, "soon", [], -1, 1e300])
def test_an_event_of_mailgun_whose_own_time_does_not_fit_its_signature_is_refused(
    scenario: FeedbackScenario, world: World, post_webhook: PostToWebhook, timestamp: object
) -> None:
    subscriber = world.subscriber("anna@far.example")
    scenario.delivery(subscriber)
    body = mailgun_body(mailgun_failure(subscriber.email, "e1", timestamp=timestamp))
    assert post_webhook("mailgun", body).status_code == 403
    assert scenario.reload(subscriber).state == "active"

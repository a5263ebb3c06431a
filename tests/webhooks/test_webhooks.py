"""Webhooks: what is recorded, how it is signed, posted, retried, given up, replayed; when an endpoint is dead."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.regions.tree import region_tree
from digest.subscribers import lifecycle, offers
from digest.subscribers.offers import Choice
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.pure.subscription import Subscription
from digest.subscribers.states import LetterKind, SuppressionReason
from digest.subscribers.store import letters, subscribers
from digest.subscribers.store.suppressions import SuppressionCause
from digest.webhooks import endpoints, recording, sending, store
from digest.webhooks.posting import PostAnswer, post
from digest.webhooks.pure import retries, signing
from digest.webhooks.sending import WebhookSender
from digest.webhooks.states import EndpointState, EventType, MessageState
from tests.builders import World
from tests.conftest import NOON, StoppedClock

URL = "https://crm.example.org/dateline"
KEY = "a key that is only used in these tests"


class Receiver(BaseHTTPRequestHandler):
    """A program that takes posts."""

    status = 204
    received: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    paths: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.paths.append(self.path)
        self.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Print nothing."""


@contextmanager
def receiver(status: int = 204) -> Iterator[tuple[type[Receiver], int]]:
    """A receiver on this machine, and its port."""
    handler = type("OneReceiver", (Receiver,), {"status": status, "received": [], "paths": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield handler, server.server_port
    finally:
        server.shutdown()
        server.server_close()


def add(db: Database, url: str = URL, *events: str) -> str:
    return endpoints.add(db, url, events, key=KEY, now=NOON)


def tell(db: Database, now: datetime = NOON, **data: Any) -> None:
    with db.begin() as tx:
        recording.record(tx, EventType.SUBSCRIBER_JOINED, now, **data)


def states(db: Database) -> list[tuple[str, int]]:
    with db.read() as tx:
        return [(each.message.state, each.message.attempts) for each in store.newest_messages(tx)]


def sender(db: Database, clock: StoppedClock, answer: Callable[[], PostAnswer]) -> WebhookSender:
    return WebhookSender(db, KEY, lambda _url, _body, _headers: answer(), clock)


def events_of(db: Database) -> list[tuple[str, dict[str, Any]]]:
    with db.read() as tx:
        return [(str(each.message.event), each.message.data) for each in store.newest_messages(tx)][::-1]


def test_what_happens_to_a_subscriber_is_recorded_without_an_address(
    db: Database, clock: StoppedClock
) -> None:
    add(db)
    world = World(db, region_tree.load(), clock)
    row = world.subscriber("ann@example.org")
    now, secret = clock(), "secret"
    lifecycle.change_subscription(db, row.public_id, Subscription(("ge",)), now=now)
    lifecycle.pause(db, row.public_id, now + timedelta(days=1), now)
    lifecycle.resume(db, row.public_id, now=now)
    with db.begin() as tx:
        lifecycle.leave(tx, subscribers.by_id(tx, row.id), now)
    lifecycle.return_after_leaving(db, row.public_id, origin="x", now=now)
    cause = SuppressionCause(SuppressionReason.BOUNCED)
    lifecycle.suppress_address(db, parse_address("ann@example.org"), cause, secret=secret, now=now)
    lifecycle.erase(db, row.public_id, secret=secret, now=now)
    with db.begin() as tx:
        lifecycle.add_confirmed(
            tx,
            {parse_address(f"c{n}@example.org"): Subscription(("ge",)) for n in range(2)},
            wording="x",
            now=now,
        )
    found = events_of(db)
    assert [event.partition(".")[2] for event, _data in found] == [
        "changed", "changed", "changed", "left", "joined", "bounced", "erased", "joined", "joined",
    ]  # fmt: skip
    assert {data["id"] for _event, data in found[:7]} == {row.id}
    assert "@" not in json.dumps(found)


def test_only_what_an_endpoint_wants_is_recorded(db: Database) -> None:
    tell(db, id=1)
    add(db, URL, "edition.sent")
    tell(db, id=2)
    add(db, URL + "/all")
    tell(db, id=3)
    assert [data["id"] for _event, data in events_of(db)] == [3]
    with db.read() as tx:
        (wanted, _all) = store.list_endpoints(tx)
    assert wanted.events == ["edition.sent"]


def test_a_message_is_posted_signed_and_its_secret_is_not_stored(db: Database, clock: StoppedClock) -> None:
    with receiver() as (handler, port):
        secret = add(db, f"http://127.0.0.1:{port}/hook?x=1")
        tell(db, id=7)
        allowed = frozenset([f"127.0.0.1:{port}"])
        real = WebhookSender(db, KEY, lambda *args: post(*args, allowed_private_hosts=allowed), clock)
        assert real.send_due(clock() + timedelta(minutes=1)) == 1
    ((headers, body),) = handler.received
    assert signing.is_signed(secret, headers, body, NOON)
    assert not signing.is_signed(secret, headers, body + b" ", NOON)
    assert not signing.is_signed(signing.new_secret(), headers, body, NOON)
    assert not signing.is_signed(secret, headers, body, NOON + timedelta(minutes=6))
    assert json.loads(body) == {
        "type": "subscriber.joined", "timestamp": "2026-03-10T12:00:00+00:00", "data": {"id": 7}
    }  # fmt: skip
    assert states(db) == [(MessageState.TAKEN, 1)]
    with db.read() as tx:
        (endpoint,) = store.list_endpoints(tx)
    assert secret not in endpoint.secret


def test_the_signature_is_that_of_the_standard() -> None:
    # The example of the specification's reference implementation.
    headers = signing.signed_headers(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, NOON.tzinfo),
    )  # fmt: skip
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_private_address_is_refused_and_a_redirect_not_followed(db: Database) -> None:
    with receiver(302) as (handler, port):
        refused = post(f"http://127.0.0.1:{port}/", b"{}", {})
        assert refused.status is None
        assert "FETCH_ALLOW" in refused.reason
        assert handler.received == []
        moved = post(
            f"http://127.0.0.1:{port}/", b"{}", {}, allowed_private_hosts=frozenset([f"127.0.0.1:{port}"])
        )
        assert (moved.status, moved.is_success) == (302, False)
    for url in ("ftp://x.example/", "http://user:pass@x.example/", "nonsense", "http://"):
        with pytest.raises(InvalidInputError, match="can't be a webhook"):
            add(db, url)
    with pytest.raises(InvalidInputError, match='"x" is no event'):
        add(db, URL, "x")
    add(db)
    with pytest.raises(ConflictError, match="already"):
        add(db)


def test_a_message_that_fails_is_tried_for_a_day_then_given_up_and_can_be_replayed(
    db: Database, clock: StoppedClock
) -> None:
    add(db)
    tell(db, id=1)
    failing = sender(db, clock, lambda: PostAnswer(500, "crm.example.org answered 500"))
    for _ in range(200):
        failing.send_due(clock() + timedelta(seconds=1))
        clock.advance(minutes=10)
    ((state, attempts),) = states(db)
    assert state == MessageState.GIVEN_UP
    assert 8 <= attempts <= 13
    with db.read() as tx:
        ((message, _endpoint),) = store.newest_messages(tx)
        log = store.attempts_of(tx, [message.id])[message.id]
    assert {each.status for each in log} == {500}
    assert timedelta(hours=18) < log[-1].at - log[0].at <= timedelta(days=1, minutes=10)
    endpoints.replay(db, message.public_id, clock())
    sender(db, clock, lambda: PostAnswer(200)).send_due(clock() + timedelta(seconds=1))
    assert states(db) == [(MessageState.TAKEN, 1)]
    with pytest.raises(NotFoundError):
        endpoints.replay(db, "msg_x", clock())


def test_an_endpoint_is_disabled_after_a_week_of_failures_with_an_error_in_the_log(
    db: Database, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    add(db)
    failing = sender(db, clock, lambda: PostAnswer(None, "crm.example.org can't be reached"))
    for day in range(9):
        tell(db, clock(), id=day)
        failing.send_due(clock() + timedelta(seconds=1))
        clock.advance(days=1)
    with db.read() as tx:
        (endpoint,) = store.list_endpoints(tx)
    assert (endpoint.state, endpoint.reason) == (EndpointState.DISABLED, "crm.example.org can't be reached")
    assert len(events_of(db)) == 8  # nothing is recorded for it any more
    assert [record.levelname for record in caplog.records if "webhooks.disabled" in record.message] == [
        "ERROR"
    ]
    endpoints.enable(db, endpoint.id)
    sender(db, clock, lambda: PostAnswer(200)).send_due(clock() + timedelta(seconds=1))
    with db.read() as tx:
        assert store.list_endpoints(tx)[0].failing_since is None


def test_two_senders_post_a_message_once(db: Database, clock: StoppedClock) -> None:
    add(db)
    tell(db, id=1)
    with db.begin() as tx:
        assert len(store.claim_due(tx, NOON, lease=sending.LEASE, limit=5)) == 1
    with db.begin() as tx:
        assert store.claim_due(tx, NOON, lease=sending.LEASE, limit=5) == []
        assert len(store.claim_due(tx, NOON + sending.LEASE, lease=sending.LEASE, limit=5)) == 1


def test_what_is_old_is_deleted_and_a_removed_endpoint_leaves_nothing(
    db: Database, clock: StoppedClock
) -> None:
    add(db)
    tell(db, id=1)
    sender(db, clock, lambda: PostAnswer(200)).send_due(NOON + timedelta(seconds=1))
    tell(db, id=2)
    sending.remove_old(db, NOON + sending.KEPT + timedelta(seconds=1))
    assert [data["id"] for _event, data in events_of(db)] == [2]  # it is still to be posted
    with db.read() as tx:
        (endpoint,) = store.list_endpoints(tx)
    endpoints.remove(db, endpoint.id)
    assert events_of(db) == []
    for change in (endpoints.remove, endpoints.disable, endpoints.enable):
        with pytest.raises(NotFoundError):
            change(db, 99)


@given(st.integers(1, 50), st.integers(0, 3 * 86400))
def test_a_retry_comes_later_each_time_and_never_after_a_day(attempts: int, seconds: int) -> None:
    now = NOON + timedelta(seconds=seconds)
    at = retries.next_attempt(attempts, NOON, now)
    later = retries.next_attempt(attempts + 1, NOON, now)
    assert at is None or now < at <= NOON + timedelta(days=1)
    assert later is None or (at is not None and later >= at)


def test_what_a_letter_offered_is_recorded_when_it_is_chosen(db: Database, clock: StoppedClock) -> None:
    add(db)
    row = World(db, region_tree.load(), clock).subscriber("ann@example.org", regions=["fr"])
    asked, address = Subscription(("ge",)), parse_address("ann@example.net")
    with db.begin() as tx:
        letters.add(tx, row, LetterKind.CHANGE, asked, now=clock())
        letters.add(tx, row, LetterKind.ADDRESS, asked, now=clock(), address=address)
    with db.read() as tx:
        ids = {letter.kind: letter.public_id for letter in letters.of_subscriber(tx, row)}
    for choice in (Choice.REPLACE, Choice.REPLACE, Choice.KEEP):
        offers.choose(db, ids[LetterKind.CHANGE], choice, origin="x", now=clock())
    for _ in range(2):
        offers.move(db, ids[LetterKind.ADDRESS], secret="secret", origin="x", now=clock())
    assert events_of(db) == [("subscriber.changed", {"id": row.id})] * 2

"""Alerts by mail and by webhook, over real SMTP and HTTP: once, and when it is over."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from celery import Celery
from sqlalchemy import update

from digest import broker_state
from digest.accounts import authentication
from digest.accounts.models import Account
from digest.accounts.states import Role
from digest.app import create_app, create_watcher
from digest.database import Database
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.monitoring.notices import Messenger
from digest.monitoring.pure.webhook_message import alert_text
from digest.monitoring.run_records import HEARTBEAT_INTERVAL, record_heartbeats
from digest.monitoring.states import BEAT_ROLE, NoticeKind
from digest.monitoring.store import alerts
from digest.monitoring.watcher import OUTAGE_KEY, WatchContext, Watcher
from digest.settings import Settings
from digest.task_names import Queue
from digest.webhooks.pure.signing import signed_headers
from tests.broker_fixtures import running_broker
from tests.conftest import NOON, StoppedClock
from tests.smtp_sink import MailSink, mail_sink

ROLES = (BEAT_ROLE, *map(str, Queue))
SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two characters..").decode()


@dataclass
class HookServer:
    """A server that keeps what is posted to it."""

    port: int = 0
    status: int = 200
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    pings: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"


@pytest.fixture
def hook() -> Iterator[HookServer]:
    server = HookServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.posts.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.answer()

        def do_GET(self) -> None:
            server.pings.append(self.path)
            self.answer()

        def answer(self) -> None:
            self.send_response(server.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *values: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.port = http.server_address[1]
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield server
        http.shutdown()


@pytest.fixture
def mails() -> Iterator[MailSink]:
    with mail_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def celery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Celery]:
    with running_broker() as url:
        var = str(tmp_path_factory.mktemp("var"))
        yield create_app(Settings.from_env({"DATELINE_VAR": var, "REDIS_URL": url})).extensions["celery"]


@dataclass
class Watched:
    """An installation that is watched."""

    db: Database
    clock: StoppedClock
    folder: Path
    context: WatchContext

    def another_watcher(self) -> Watcher:
        return Watcher(self.context)

    def look(self, watcher: Watcher, *, minutes: float, beating: bool = True) -> None:
        """Let time pass, with a look every 20 seconds."""
        end = self.clock() + timedelta(minutes=minutes)
        while self.clock() < end:
            self.clock.advance(seconds=20)
            if beating:
                record_heartbeats(self.db, self.clock, ROLES, self.folder)
            watcher.watch()


@pytest.fixture
def alert_settings(settings: Settings, hook: HookServer, mails: MailSink) -> Settings:
    """Settings with a webhook, a dead man's switch and a mail server."""
    return replace(
        settings,
        alert_webhook=hook.url,
        alert_webhook_secret=SECRET,
        alert_ping=f"http://127.0.0.1:{hook.port}/ping",
        fetch_allow=frozenset({f"127.0.0.1:{hook.port}"}),
        smtp_url=mails.url,
    )


@pytest.fixture
def watched(
    db: Database, celery: Celery, clock: StoppedClock, alert_settings: Settings, tmp_path: Path
) -> Watched:
    """An account that wants alerts, and one that does not."""
    own = alert_settings
    for name in ("admin@example.org", "other@example.org"):
        authentication.create_account(db, name, Role.ADMIN, now=clock())
    with db.begin() as tx:
        tx.execute(update(Account).where(Account.email == "admin@example.org").values(wants_alerts=True))
    broker_state.drop_key(celery, OUTAGE_KEY)
    sender = SenderIdentity(own.mail_from, "", own.site_name, own.base_url, "s" * 32)
    messenger = Messenger(own, sender, clock)
    context = WatchContext(db, celery, own, messenger, clock, monotonic=lambda: clock().timestamp())
    return Watched(db, clock, tmp_path, context)


def types(hook: HookServer) -> list[tuple[str, str]]:
    posts = [json.loads(body) for _, body in hook.posts]
    return [(post["type"], post["data"]["name"] + post["data"]["subject"]) for post in posts]


def test_a_dead_beat_is_told_once_and_its_return_too(
    watched: Watched, hook: HookServer, mails: MailSink
) -> None:
    watcher = watched.another_watcher()
    watched.look(watcher, minutes=1)
    assert (hook.posts, mails.received) == ([], [])
    record_heartbeats(watched.db, watched.clock, [BEAT_ROLE], watched.folder)
    workers = [role for role in ROLES if role != BEAT_ROLE]
    for _ in range(9):  # three minutes
        watched.clock.advance(seconds=20)
        record_heartbeats(watched.db, watched.clock, workers, watched.folder)
        watcher.watch()
    assert types(hook) == [("alert.started", "beat_silent")]
    assert [mail.recipient for mail in mails.received] == ["admin@example.org"]
    assert b"Subject: Dateline: alert: beat_silent" in mails.received[0].raw
    watched.look(watcher, minutes=2)
    assert types(hook) == [("alert.started", "beat_silent"), ("alert.ended", "beat_silent")]
    assert b"Subject: Dateline: over: beat_silent" in mails.received[1].raw
    assert json.loads(hook.posts[1][1])["text"].startswith("Dateline: over after ")
    with watched.db.read() as tx:
        assert alerts.list_open(tx) == []


def test_several_watchers_tell_it_once(watched: Watched, hook: HookServer) -> None:
    watchers = [watched.another_watcher() for _ in range(3)]
    watched.look(watchers[0], minutes=1)
    for _ in range(7):
        watched.clock.advance(seconds=20)
        for watcher in watchers:
            watcher.watch()
    told = types(hook)
    assert sorted(set(told)) == sorted(told)
    assert ("alert.started", "beat_silent") in told


def test_the_post_is_signed_as_standard_webhooks_says(watched: Watched, hook: HookServer) -> None:
    watched.look(watched.another_watcher(), minutes=1, beating=False)
    headers, body = hook.posts[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["content-type"] == "application/json"
    ids = [sent["webhook-id"] for sent, _ in hook.posts]
    assert len(set(ids)) == len(ids)


def test_the_signature_is_the_one_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks."""
    moment = datetime.fromtimestamp(1614265330, NOON.tzinfo)
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', moment)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert "webhook-signature" not in signed_headers("", "1", b"", moment)


def test_a_webhook_that_fails_gets_the_same_notice_again(watched: Watched, hook: HookServer) -> None:
    hook.status = 500
    watcher = watched.another_watcher()
    watched.look(watcher, minutes=1, beating=False)
    first = hook.posts[0][0]["webhook-id"]
    hook.status = 200
    watched.look(watcher, minutes=2, beating=False)
    assert [headers["webhook-id"] for headers, _ in hook.posts].count(first) == 2


def test_a_private_address_is_refused_unless_it_is_allowed(watched: Watched, hook: HookServer) -> None:
    own = replace(watched.context.settings, fetch_allow=frozenset())
    messenger = Messenger(
        own, SenderIdentity(own.mail_from, "", "Dateline", own.base_url, "s" * 32), watched.clock
    )
    watched.look(
        Watcher(replace(watched.context, messenger=messenger, settings=own)), minutes=1, beating=False
    )
    assert hook.posts == []
    with watched.db.begin() as tx:
        watched.clock.advance(hours=1)
        assert "FETCH_ALLOW" in "".join(
            item.notice.answer for item in alerts.due_notices(tx, watched.clock())
        )


def test_the_dead_mans_switch_is_told_only_while_everything_lives(watched: Watched, hook: HookServer) -> None:
    watcher = watched.another_watcher()
    watched.look(watcher, minutes=2.5)
    count = len(hook.pings)
    assert 2 <= count <= 4
    watched.look(watcher, minutes=4, beating=False)
    assert len(hook.pings) - count <= 2


def test_an_outage_of_the_database_is_told_without_it(
    watched: Watched, hook: HookServer, mails: MailSink, tmp_path: Path
) -> None:
    watchers = [watched.another_watcher() for _ in range(2)]
    for watcher in watchers:
        watched.look(watcher, minutes=1)
    away = Database("postgresql+psycopg://nobody@127.0.0.1:1/x?connect_timeout=1")
    for watcher in watchers:
        watcher._context = replace(watched.context, db=away)
    for _ in range(6):
        watched.clock.advance(seconds=20)
        for watcher in watchers:
            assert not watcher.watch()
    assert types(hook) == [("alert.started", "database_away")]
    assert len(mails.received) == 1
    for watcher in watchers:
        watcher._context = watched.context
    for _ in range(6):
        watched.clock.advance(seconds=20)
        record_heartbeats(watched.db, watched.clock, ROLES, tmp_path)
        for watcher in watchers:
            watcher.watch()
    assert types(hook) == [("alert.started", "database_away"), ("alert.ended", "database_away")]
    away.close()


def test_the_end_says_how_long_it_lasted() -> None:
    since = NOON - timedelta(hours=2)
    text = alert_text(NoticeKind.ENDED, "Beat is silent.", "News", started_at=since, now=NOON)
    assert text == "News: over after 2 h: Beat is silent."


def test_processes_that_start_together_are_not_reported_as_silent(settings: Settings) -> None:
    watcher = create_watcher(create_app(settings))
    waits = list[float]()

    class StoppedAfterFirstRound(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waits.append(timeout or 0)
            return len(waits) > 1

    watcher._stopped = StoppedAfterFirstRound()
    watcher.run()
    assert waits[0] > HEARTBEAT_INTERVAL


def test_the_application_has_a_watcher(settings: Settings) -> None:
    watcher = create_watcher(create_app(settings))
    watcher.start()
    watcher.stop()
    assert not watcher.watch()  # there is no database yet

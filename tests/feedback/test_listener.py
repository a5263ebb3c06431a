"""The LMTP and SMTP listener: which mail it accepts, and when it acknowledges one."""

import asyncio
import smtplib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.errors import UnavailableError
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.incoming_mail import process_or_save
from digest.feedback.listener import FeedbackSmtpHandler, serve
from tests.builders import World
from tests.feedback.conftest import BOUNCES, MAIL_FROM_A_PERSON, FeedbackScenario, bounce


@dataclass
class RunningListener:
    protocol: str
    port: int
    database_down: bool
    other_mail_folder: Path


@pytest.fixture(params=["lmtp", "smtp"])
def running_listener(
    request: pytest.FixtureRequest, scenario: FeedbackScenario, tmp_path: Path
) -> Iterator[RunningListener]:
    """The listener, as `dateline feedback listen` runs it."""
    listener, ready = RunningListener(request.param, 0, False, tmp_path / "other"), threading.Event()
    loop = asyncio.new_event_loop()

    def process_mail(raw: bytes, to: str) -> None:
        if listener.database_down:
            raise UnavailableError("the database is down")
        process_or_save(
            scenario.db,
            raw,
            scenario.policy,
            FeedbackOrigin("listener", to),
            other_mail_folder=listener.other_mail_folder,
            now=scenario.clock(),
        )

    def on_ready(port: int) -> None:
        listener.port = port
        ready.set()

    handler = FeedbackSmtpHandler(process_mail, secret=scenario.parts.settings.secret_key, domain=BOUNCES)
    task = loop.create_task(serve(handler, "127.0.0.1", 0, protocol=request.param, on_ready=on_ready))

    def run_until_cancelled() -> None:
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)

    thread = threading.Thread(target=run_until_cancelled)
    thread.start()
    assert ready.wait(10)
    yield listener
    loop.call_soon_threadsafe(task.cancel)
    thread.join(10)
    loop.close()


def connect(listener: RunningListener) -> smtplib.SMTP:
    client_class: Callable[..., smtplib.SMTP] = smtplib.LMTP if listener.protocol == "lmtp" else smtplib.SMTP
    return client_class("127.0.0.1", listener.port)


def test_the_listener_accepts_mail_for_our_return_paths_alone(
    scenario: FeedbackScenario, world: World, running_listener: RunningListener
) -> None:
    subscriber = world.subscriber("anna@far.example")
    path = scenario.return_path(scenario.delivery(subscriber))
    with connect(running_listener) as server:
        for foreign in ("anna@far.example", f"nobody@{BOUNCES}", path.replace("b-", "b-9")):
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                server.sendmail("", [foreign], b"Subject: x\n\nx")
        refused = server.sendmail(
            "", [path, f"postmaster@{BOUNCES}"], bounce("somebody@else.example", "x@far.example")
        )
        assert list(refused) == [f"postmaster@{BOUNCES}"]  # one at a time: the client sends it again
    assert scenario.reload(subscriber).state == "suppressed"


def test_the_listener_saves_mail_from_people(
    scenario: FeedbackScenario, running_listener: RunningListener
) -> None:
    with connect(running_listener) as server:
        server.sendmail(
            "ann@example.com", [f"Postmaster@{BOUNCES.upper()}"], MAIL_FROM_A_PERSON + b"y" * 20_000
        )
    assert [
        b"Is anybody there" in file.read_bytes()
        for file in (running_listener.other_mail_folder / "new").glob("*")
    ] == [True]


def test_the_listener_refuses_mail_for_now_while_the_database_is_down(
    scenario: FeedbackScenario, world: World, running_listener: RunningListener
) -> None:
    subscriber = world.subscriber()
    path = scenario.return_path(scenario.delivery(subscriber))
    raw = bounce(path, subscriber.email)
    running_listener.database_down = True
    with connect(running_listener) as server:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.sendmail("", [path], raw)
        assert refused.value.smtp_code == 451
        running_listener.database_down = False
        server.sendmail("", [path], raw)
    assert scenario.reload(subscriber).state == "suppressed"

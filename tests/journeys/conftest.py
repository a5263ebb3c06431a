"""Dateline itself, started as a user starts it, beside a publisher, a mail server and a browser; all of them real."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.journeys.fake_publisher import FakePublisher, run_publisher
from tests.smtp_sink import MailSink, mail_sink
from tests.waiting import PATIENCE, wait_until

DATELINE = Path(sys.executable).with_name("dateline")


@dataclass
class Site:
    """A running Dateline: its address, its log, the first account, and what more commands need."""

    url: str
    log: Path
    environment: dict[str, str]
    process: "subprocess.Popen[bytes]"
    program: Path = DATELINE
    cwd: Path | None = None

    @property
    def password(self) -> str:
        """The one-time password that was printed at the start."""
        found = re.search(r"one-time password (\S+)", self.log.read_text())
        assert found, self.log.read_text()
        return found[1]

    def run(self, *command: str, status: int | None = 0) -> str:
        """A `dateline` command beside the running site; returns what it printed."""
        done = subprocess.run(
            [self.program, *command],
            env=self.environment,
            cwd=self.cwd,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        assert status in (None, done.returncode), done.stdout + done.stderr
        return done.stdout + done.stderr


def free_port() -> int:
    """An unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def dateline_up(
    folder: Path, *, port: int = 0, program: Path = DATELINE, cwd: Path | None = None, **settings: str
) -> Iterator[Site]:
    """Run `dateline up` on a free port (or on `port`), wait until it is ready, and stop it as Ctrl-C does."""
    port, log = port or free_port(), folder / "up.log"
    clean = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TZ", "PYTHONPATH") if name in os.environ
    }
    environment = (
        clean | {"DATELINE_VAR": str(folder / "var"), "BASE_URL": f"http://127.0.0.1:{port}"} | settings
    )
    with log.open("wb") as out:
        process = subprocess.Popen(
            [program, "up", "--port", str(port)],
            env=environment,
            cwd=cwd,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    site = Site(environment["BASE_URL"], log, environment, process, program, cwd)
    try:
        wait_until(
            lambda: "Dateline is ready" in log.read_text() or process.poll() is not None, "dateline up"
        )
        assert process.poll() is None, log.read_text()
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE)


@pytest.fixture(scope="module")
def publisher() -> Iterator[FakePublisher]:
    with run_publisher() as opened:
        yield opened


@pytest.fixture(scope="module")
def mail() -> Iterator[MailSink]:
    with mail_sink() as opened:
        yield opened


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory, publisher: FakePublisher, mail: MailSink
) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with dateline_up(
        folder,
        DATELINE_DEMO="0",
        FETCH_ALLOW=publisher.host,
        SMTP_URL=mail.url,
        MAIL_FROM="Dateline <digest@example.org>",
    ) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium where it is installed, else Playwright's own."""
    chromium = shutil.which("chromium")
    opened = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
    yield opened
    opened.close()

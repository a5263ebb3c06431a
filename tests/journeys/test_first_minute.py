"""What somebody sees who has just cloned Dateline and typed `make run`."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.conftest import DATELINE, Site, dateline_up, free_port
from tests.waiting import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.long]
FIRST_MINUTE = 60  # seconds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[tuple[Site, float]]:
    """A fresh start with the sample, and when it began."""
    began = time.monotonic()
    with dateline_up(folder) as site:
        yield site, began


def test_the_sample_digest_is_in_the_outbox_within_a_minute(
    demo: tuple[Site, float], browser: Browser
) -> None:
    site, began = demo
    page = browser.new_page(base_url=site.url)

    def arrived() -> bool:
        page.goto("/outbox")
        return page.get_by_role("cell", name="reader@dateline.example").count() > 0

    wait_until(arrived, "the sample digest", FIRST_MINUTE)
    assert time.monotonic() - began < FIRST_MINUTE
    page.get_by_role("row").nth(1).get_by_role("link").click()
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", name="Central Asia")).to_be_visible()
    expect(mail.get_by_role("link", name="Unsubscribe")).to_be_visible()
    page.close()


def test_the_start_page_leads_to_the_sample(demo: tuple[Site, float], browser: Browser) -> None:
    page = browser.new_page(base_url=demo[0].url)
    page.goto("/")
    page.get_by_role("link", name="See a sample digest").click()
    expect(page.get_by_role("heading", name="Central Asia")).to_be_visible()
    expect(page.get_by_role("heading", name="South Caucasus")).to_be_visible()
    page.close()


def test_a_port_in_use_is_named(demo: tuple[Site, float], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = run_up(tmp_path / "other", port)
    assert said == (
        2,
        f"dateline: port {port} can't be used: Address already in use; "
        "choose another one (example: make run PORT=8123)",
    )


def test_a_second_start_on_the_same_data_is_told_so(demo: tuple[Site, float], folder: Path) -> None:
    status, said = run_up(folder / "var", free_port())
    assert status == 2
    assert said.startswith(f"dateline: Dateline already runs on {folder / 'var'}")


def test_stopping_leaves_no_process_behind_and_starting_again_keeps_the_data(tmp_path: Path) -> None:
    with dateline_up(tmp_path, DATELINE_DEMO="0") as site:
        site.run("sources", "import", str(opml(tmp_path)))
        assert processes_of(tmp_path)
    assert processes_of(tmp_path) == []
    with dateline_up(tmp_path, DATELINE_DEMO="0") as site:
        assert "https://news.example/feed" in site.run("sources", "list")
    assert processes_of(tmp_path) == []


def run_up(var: Path, port: int) -> tuple[int, str]:
    """Start `dateline up` where it can't run; its status and what it says."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "DATELINE_VAR": str(var)}
    done = subprocess.run(
        [DATELINE, "up", "--port", str(port)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr.strip()


def opml(folder: Path) -> Path:
    """A list of one source."""
    path = folder / "list.opml"
    path.write_text(
        '<opml version="2.0"><head/><body><outline xmlUrl="https://news.example/feed" text="x"/></body></opml>'
    )
    return path


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that run on this folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            environment, command = (entry / "environ").read_bytes(), (entry / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended, or is somebody else's
        if str(folder / "var").encode() in environment + command:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found

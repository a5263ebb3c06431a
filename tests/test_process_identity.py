"""A process tells whether another one of this machine has ended. It never says so of one that runs."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from digest import process_identity
from digest.process_identity import has_ended, own_process
from digest.project_files import ROOT

TELL_AND_WAIT = "from digest.process_identity import own_process; print(own_process(), flush=True); input()"
NAME_LIKE_FIELDS = "from pathlib import Path; Path('/proc/self/comm').write_text('a) Z (b'); "


@contextmanager
def running(code: str = TELL_AND_WAIT) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Another process, and its identity."""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def test_a_running_process_has_not_ended() -> None:
    assert not has_ended(own_process())
    with running() as (_, identity):
        assert identity != own_process()
        assert not has_ended(identity)


def test_a_process_that_ended_or_was_killed_has_ended() -> None:
    with running() as (process, identity):
        process.kill()
        process.wait()
        assert has_ended(identity)
    with running() as (process, identity):
        process.communicate("\n")
        assert process.returncode == 0
        assert has_ended(identity)


def test_a_killed_process_that_nobody_has_waited_for_has_ended() -> None:
    with running() as (process, identity):
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert has_ended(identity)


def test_a_stopped_process_has_not_ended() -> None:
    with running() as (process, identity):
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        assert not has_ended(identity)


def test_the_name_of_a_process_does_not_confuse() -> None:
    with running(NAME_LIKE_FIELDS + TELL_AND_WAIT) as (process, identity):
        assert Path(f"/proc/{process.pid}/comm").read_text() == "a) Z (b\n"
        assert not has_ended(identity)


def test_a_later_process_with_the_same_number_is_another() -> None:
    host, pid, start_time = own_process().split()
    assert has_ended(f"{host} {pid} {int(start_time) - 1}")


@pytest.mark.parametrize("elsewhere", ["boot-of-another-machine/pid:[1]", "", "x y"])
def test_of_a_process_elsewhere_nobody_knows_whether_it_ended(elsewhere: str) -> None:
    assert not has_ended(f"{elsewhere} 999999999 1")


@pytest.mark.parametrize("identity", ["", "x", "a b c d"])
def test_what_identifies_no_process_has_not_ended(identity: str) -> None:
    assert not has_ended(identity)


@pytest.fixture
def no_proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system without /proc, such as macOS."""
    process_identity._host.cache_clear()
    monkeypatch.setattr(process_identity, "PROC", tmp_path)
    yield
    process_identity._host.cache_clear()


@pytest.mark.usefixtures("no_proc")
def test_where_the_system_does_not_tell_nothing_is_claimed() -> None:
    assert own_process() == ""
    assert not has_ended(f"host {os.getpid()} 1")

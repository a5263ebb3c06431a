"""Child processes are started again when they end, and end with the process that supervises them. All are real."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.project_files import ROOT
from tests.waiting import PATIENCE, wait_until

# A supervisor of two children, each with a child of its own, as a Celery worker has. All write down their ids.
PROGRAM = """
import os, sys, time
from pathlib import Path
from digest.child_processes import ForkedProcesses, end_with_parent

def write_id(kind):
    Path(sys.argv[1], f"{kind}-{os.getpid()}").touch()

def run():
    write_id("child")
    parent = os.getpid()
    if not os.fork():
        end_with_parent(parent)
        write_id("grandchild")
    while True:
        time.sleep(60)

ForkedProcesses({"one": run, "two": run}).run()
"""


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    own = {"PYTHONPATH": str(ROOT), "PATH": os.defpath}
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    with subprocess.Popen(command, env=own, start_new_session=True, stderr=subprocess.DEVNULL) as process:
        yield process
        process.kill()


def ids(folder: Path, kind: str) -> list[int]:
    """The processes of this kind that run."""
    found = [int(path.name.rpartition("-")[2]) for path in folder.glob(f"{kind}-*")]
    return [process_id for process_id in found if is_running(process_id)]


def is_running(process_id: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process_id}/status").read_text()
    except FileNotFoundError:
        return False


def wait_for_all(folder: Path) -> None:
    wait_until(lambda: len(ids(folder, "child")) == len(ids(folder, "grandchild")) == 2)


def wait_for_none(folder: Path) -> None:
    wait_until(lambda: not ids(folder, "child") and not ids(folder, "grandchild"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_to_the_supervisor_stops_all(
    supervisor: "subprocess.Popen[bytes]", tmp_path: Path, number: signal.Signals
) -> None:
    wait_for_all(tmp_path)
    supervisor.send_signal(number)
    assert supervisor.wait(PATIENCE) == 0
    wait_for_none(tmp_path)


def test_no_process_outlives_a_supervisor_that_is_killed(
    supervisor: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    wait_for_all(tmp_path)
    supervisor.kill()
    wait_for_none(tmp_path)


def test_a_child_that_is_killed_takes_its_own_children_along_and_is_started_again(
    supervisor: "subprocess.Popen[bytes]", tmp_path: Path
) -> None:
    wait_for_all(tmp_path)
    first, other = ids(tmp_path, "child")
    old = ids(tmp_path, "grandchild")
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: len(set(ids(tmp_path, "grandchild")) & set(old)) == 1)
    wait_until(lambda: len(ids(tmp_path, "child")) == 2)
    assert other in ids(tmp_path, "child")
    assert first not in ids(tmp_path, "child")

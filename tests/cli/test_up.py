"""`dateline up`, when it ends in some other way than by Ctrl-C: nothing goes on without it. The processes are real."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, STDOUT

import pytest

from digest.project_files import ROOT
from tests.own_processes import own_environment
from tests.waiting import PATIENCE, wait_until


@contextmanager
def running_up(var: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """`dateline up` with all its processes, and a pipe to read what it prints."""
    own = own_environment(DATELINE_VAR=str(var), DATELINE_DEMO="0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "digest", "up", "--port", str(port)]
    with subprocess.Popen(command, cwd=ROOT, env=own, stdout=PIPE, stderr=STDOUT) as up:
        try:
            wait_until_ready(up)
            # Web, beat, a worker for each queue with its processes, and the broker.
            wait_until(lambda: len(processes_with(str(var))) > 15)
            yield up
        finally:
            up.kill()


def wait_until_ready(up: "subprocess.Popen[bytes]") -> None:
    assert up.stdout is not None
    printed = []
    for line in up.stdout:
        printed.append(line.decode())
        if "Dateline is ready" in line.decode():
            return
    pytest.fail("".join(printed))


def test_no_process_outlives_dateline_up_when_it_is_killed(tmp_path: Path) -> None:
    with running_up(tmp_path / "var") as up:
        up.kill()
    wait_until(lambda: not processes_with(str(tmp_path / "var")))


def test_dateline_up_stops_everything_when_nobody_reads_its_output_any_more(tmp_path: Path) -> None:
    with running_up(tmp_path / "var") as up:
        assert up.stdout is not None
        up.stdout.close()
        up.terminate()
        up.wait(PATIENCE)
        assert not processes_with(str(tmp_path / "var"))


def processes_with(text: str) -> set[str]:
    """The processes whose environment or command contains a text."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text.encode() in (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes():
                found.add(folder.name)
    return found

"""`dateline up`, killed: nothing that it started goes on without it. The processes are real."""

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from digest.project_files import ROOT
from tests.waiting import wait_until


def test_no_process_outlives_dateline_up_when_it_is_killed(tmp_path: Path) -> None:
    var, log = tmp_path / "var", tmp_path / "up.log"
    own = {"DATELINE_VAR": str(var), "DATELINE_DEMO": "0", "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "digest", "up", "--port", str(port)]
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=own, stdout=out, stderr=out) as up:
        wait_until(lambda: "Dateline is ready" in log.read_text())
        # Web, beat, a worker for each queue with its processes, and the broker.
        wait_until(lambda: len(processes_with(str(var))) > 15)
        up.kill()
    wait_until(lambda: not processes_with(str(var)))


def processes_with(text: str) -> set[str]:
    """The processes whose environment or command contains a text."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if text.encode() in (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes():
                found.add(folder.name)
    return found

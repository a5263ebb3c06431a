"""Starts processes as the Procfile says, for trials of the layout that operators run."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


OWN_NAMESPACE = "unshare --pid --fork --mount-proc --kill-child"  # unshare(1), which needs root


def start(
    name: str, environment: Mapping[str, str], *, own_namespace: bool = False
) -> "subprocess.Popen[bytes]":
    """Start the process `name` of the Procfile, in a process group of its own, and as in a container of its own."""
    lines = (line.partition(": ") for line in (ROOT / "Procfile").read_text().splitlines())
    command = next(command for process, _, command in lines if process == name)
    if own_namespace:
        command = f"{OWN_NAMESPACE} {command}"
    path = f"{Path(sys.executable).parent}:{environment.get('PATH', os.defpath)}"
    own = {**environment, "PATH": path, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(["/bin/sh", "-c", f"exec {command}"], cwd=ROOT, env=own, start_new_session=True)


def kill_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all of its children."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()

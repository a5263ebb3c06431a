"""Commands of Dateline in processes of their own, without the two seconds of processor time that loading it takes."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from digest.project_files import ROOT
from tests.own_processes import own_environment


@dataclass
class CommandProcesses:
    """Starts commands by `tests/command_server.py`."""

    server: "subprocess.Popen[str]"
    folder: Path

    def run(self, *arguments: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
        """Run `dateline` with these arguments and nothing but this environment, until it ends."""
        assert self.server.stdin is not None
        assert self.server.stdout is not None
        out, err = self.folder / "out", self.folder / "err"
        request = {
            "arguments": arguments, "environment": dict(environment), "out": str(out), "err": str(err),
        }  # fmt: skip
        self.server.stdin.write(json.dumps(request) + "\n")
        self.server.stdin.flush()
        status = self.server.stdout.readline()
        assert status, "the server of commands has ended"
        return subprocess.CompletedProcess(arguments, int(status), out.read_text(), err.read_text())


@contextmanager
def command_processes(folder: Path) -> Iterator[CommandProcesses]:
    """The server of commands, which keeps what they print in `folder`."""
    command = [sys.executable, "-m", "tests.command_server"]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=own_environment()
    ) as server:
        yield CommandProcesses(server, folder)

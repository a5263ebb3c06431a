"""How honcho runs the processes of `dateline up`: Python modules in forked processes, which share what is loaded."""

import os
import runpy
import signal
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import honcho.process

from digest.child_processes import end_with_parent, start_child

if TYPE_CHECKING:
    from io import TextIOWrapper


class ForkedProgram:
    """A Python module that runs as a program in a forked process, for which nothing needs to be loaded again.

    It has what honcho uses of `subprocess.Popen`.
    """

    def __init__(self, arguments: Sequence[str], **_environment_and_folder: object) -> None:
        reader, writer = os.pipe()
        self.stdout = os.fdopen(reader, "rb")
        self.returncode: int | None = None
        self.pid = start_child(arguments[0], partial(_run_module, arguments, writer), set())
        os.close(writer)

    def wait(self) -> int:
        """Wait for its end; returns its exit status."""
        self.returncode = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.returncode


def _run_module(arguments: Sequence[str], output: int) -> int:
    os.setsid()  # Ctrl-C reaches only `dateline up`, which stops the others in order
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    cast("TextIOWrapper", sys.stdout).reconfigure(line_buffering=True)
    # In a container the user is root; Celery would warn about that at every start.
    warnings.filterwarnings("ignore", module="celery.platforms")
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    return 0


class LastingOutput:
    """Standard output without errors: honcho must stop the processes also after the terminal was closed."""

    def write(self, text: str) -> None:
        """Write a text if somebody reads it."""
        with suppress(OSError):
            sys.stdout.write(text)

    def flush(self) -> None:
        """Write what is buffered if somebody reads it."""
        with suppress(OSError):
            sys.stdout.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal, for colours."""
        return sys.stdout.isatty()


class LinkedProcess(honcho.process.Process):  # type: ignore[misc]  # honcho has no types
    """A process of honcho's that runs a module, and ends when `dateline up` is killed, rather than go on without it."""

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Run the module, in the process that honcho forks for it."""
        end_with_parent(os.getppid(), signal.SIGKILL)  # honcho ignores SIGTERM here
        self._child_ctor: Any = ForkedProgram
        super().run(*args, **kwargs)

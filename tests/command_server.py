"""Runs commands of Dateline, each in a process that is forked from this one, which has loaded the program already.

`python -m tests.command_server` reads a request a line, as JSON, and answers with the exit status. A command begins
with nothing but its arguments and its environment, and ends as any process of Python does.
"""

import json
import os
import runpy
import sys
from importlib import import_module
from typing import Any


def load_program() -> None:
    """Import what commands need: the application, and all commands."""
    import_module("digest.app")
    import_module("digest.database_migrations")
    for place in import_module("digest.cli.main").COMMANDS.values():
        import_module(place.partition(":")[0])


def next_command() -> dict[str, Any]:
    """The next request, in the process that is forked for it."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            request: dict[str, Any] = json.loads(line)
            return request
        _, wait_status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(wait_status)}\n")
        sys.stdout.flush()
    sys.exit(0)


def become(request: dict[str, Any]) -> None:
    """Take the arguments and the environment of a command, and let it read nothing and write into two files."""
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = ["dateline", *request["arguments"]]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    for number, path, mode in (
        (0, os.devnull, os.O_RDONLY), (1, request["out"], flags), (2, request["err"], flags),
    ):  # fmt: skip
        opened = os.open(path, mode)
        os.dup2(opened, number)
        os.close(opened)


if __name__ == "__main__":
    load_program()
    become(next_command())
    runpy.run_module("digest", run_name="__main__")

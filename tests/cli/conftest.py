"""Commands run as from a shell, on the test's own application."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

from digest.errors import DatelineError
from tests.command_processes import CommandProcesses, command_processes

RunCommand = Callable[..., "CommandResult"]


@dataclass(frozen=True)
class CommandResult:
    """Exit status, standard output and standard error of a command; an error of ours is what main() would print."""

    status: int
    out: str
    err: str


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandProcesses]:
    """Commands in processes of their own."""
    with command_processes(tmp_path_factory.mktemp("commands")) as started:
        yield started


@pytest.fixture
def run(app: Flask) -> RunCommand:
    """Run a command of a group: `run(editions_group, "due")`."""

    def invoke(group: click.Command, *args: str, stdin: str = "") -> CommandResult:
        result: Result = CliRunner().invoke(group, args, obj=ScriptInfo(create_app=lambda: app), input=stdin)
        if isinstance(result.exception, DatelineError):
            return CommandResult(2, result.stdout, str(result.exception))
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return CommandResult(result.exit_code, result.stdout, result.stderr)

    return invoke

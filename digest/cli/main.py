"""The `dateline` command: its command groups, and how errors are printed."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo

from digest import __version__
from digest.cli.audited import record_command
from digest.cli.exit_status import INVALID_INPUT, UNAVAILABLE
from digest.cli.reports import add_json_option
from digest.errors import DatelineError, UnavailableError

# Where each command is. A module is imported when its command runs, or when the help lists it.
COMMANDS: Mapping[str, str] = {
    "up": "digest.cli.up:up",
    "worker": "digest.cli.worker:worker",
    "db": "digest.cli.db:db_group",
    "sources": "digest.cli.sources:sources_group",
    "articles": "digest.cli.articles:articles_group",
    "regions": "digest.cli.regions:regions_group",
    "import": "digest.cli.subscriber_imports:import_group",
    "look": "digest.cli.look:look_group",
    "subscribers": "digest.cli.subscribers:subscribers_group",
    "editions": "digest.cli.editions:editions_group",
    "deliveries": "digest.cli.deliveries:deliveries_group",
    "feedback": "digest.cli.feedback:feedback_group",
    "accounts": "digest.cli.accounts:accounts_group",
    "tokens": "digest.cli.tokens:tokens_group",
    "webhooks": "digest.cli.webhooks:webhooks_group",
    "doctor": "digest.cli.doctor:doctor",
    "backup": "digest.cli.backup:backup",
    "restore": "digest.cli.backup:restore",
    "completion": "digest.cli.completion:completion",
    "export": "digest.cli.export:export",
    "sample": "digest.sample.welcome:sample_group",
}


def load_command(name: str) -> click.Command:
    """The command or group of this name, which records what it changes."""
    module, _, attribute = COMMANDS[name].partition(":")
    command: click.Command = getattr(import_module(module), attribute)
    record_command(command, name)
    add_json_option(command, name)
    return command


class DatelineGroup(FlaskGroup):
    """Flask's command group. It finds commands without building the application, and prints errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of the commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name."""
        return load_command(name) if name in COMMANDS else None

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a DatelineError is printed as a sentence, with exit status 1 or 2."""
        try:
            return super().main(*args, **kwargs)
        except DatelineError as error:
            click.echo(f"dateline: {error}", err=True)
            sys.exit(UNAVAILABLE if isinstance(error, UnavailableError) else INVALID_INPUT)


def run_cli(factory: Callable[[], Flask]) -> None:
    """Run the command line; `factory` builds the application for the commands that need it."""
    group = DatelineGroup(
        name="dateline",
        create_app=factory,
        add_default_commands=False,
        add_version_option=False,
        load_dotenv=False,
        set_debug_flag=False,
        help="Dateline: a daily news digest about the regions that each subscriber chose. Start with `dateline up`.",
    )
    group.params = []  # Flask's --app and --env-file are not ours
    click.version_option(__version__, message="dateline %(version)s")(group)
    group.main(obj=ScriptInfo(create_app=factory), prog_name="dateline")

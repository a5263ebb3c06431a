"""The `dateline` command: its command groups, and how errors are printed."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo

from digest import __version__
from digest.cli.accounts import accounts_group
from digest.cli.articles import articles_group
from digest.cli.audited import record_commands
from digest.cli.backup import backup, restore
from digest.cli.completion import completion
from digest.cli.db import db_group
from digest.cli.deliveries import deliveries_group
from digest.cli.doctor import doctor
from digest.cli.editions import editions_group
from digest.cli.exit_status import INVALID_INPUT, UNAVAILABLE
from digest.cli.export import export
from digest.cli.feedback import feedback_group
from digest.cli.regions import regions_group
from digest.cli.sources import sources_group
from digest.cli.subscribers import subscribers_group
from digest.cli.tokens import tokens_group
from digest.cli.up import up
from digest.cli.webhooks import webhooks_group
from digest.cli.worker import worker
from digest.errors import DatelineError, UnavailableError

COMMANDS: tuple[click.Command, ...] = (
    up, worker, db_group, sources_group, articles_group, regions_group, subscribers_group,
    editions_group, deliveries_group, feedback_group, accounts_group, tokens_group, webhooks_group,
    doctor, backup, restore, completion, export,
)  # fmt: skip


class DatelineGroup(FlaskGroup):
    """Flask's command group. It lists commands without building the application, and prints errors as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands, without building the application."""
        return click.Group.list_commands(self, ctx)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a DatelineError is printed as a sentence, with exit status 1 or 2."""
        try:
            return super().main(*args, **kwargs)
        except DatelineError as error:
            click.echo(f"dateline: {error}", err=True)
            sys.exit(UNAVAILABLE if isinstance(error, UnavailableError) else INVALID_INPUT)


def run_cli(factory: Callable[[], Flask], extra_commands: Sequence[click.Command] = ()) -> None:
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
    for command in (*COMMANDS, *extra_commands):
        group.add_command(command)
    record_commands(group)
    group.main(obj=ScriptInfo(create_app=factory), prog_name="dateline")

"""What a command has done: a sentence for people, or with `--json` an object for programs.

`main.py` gives `--json` to every command that has none of its own and whose output is no data already.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

JSON_FLAG = "digest.cli.json"
# What these print is data already, in the format that its readers expect, or belongs to a running process.
DATA_COMMANDS = frozenset((
    "up", "worker", "completion", "export", "sample welcome", "sources export", "sources parse",
    "articles group", "articles kind", "articles corrections", "regions tag", "regions corrections",
    "subscribers export", "subscribers show", "editions preview", "editions list", "editions show", "editions rank",
    "feedback read", "feedback unread", "feedback listen", "feedback suppressed", "webhooks log",
    "look export",
))  # fmt: skip


def report(sentence: str, **values: object) -> None:
    """Print what was done; as JSON with these values, and the sentence as "message"."""
    if _wants_json():
        click.echo(json.dumps({"message": sentence, **values}, ensure_ascii=False, default=str))
    else:
        click.echo(sentence)


def explain(sentence: str) -> None:
    """Print what people want to know beside the result; nothing with `--json`."""
    if not _wants_json():
        click.echo(sentence)


def add_json_option(command: click.Command, path: str) -> None:
    """Give `--json` to a command, and to every command of a group."""
    if isinstance(command, click.Group):
        for name, member in command.commands.items():
            add_json_option(member, f"{path} {name}")
    elif path not in DATA_COMMANDS and not any("--json" in param.opts for param in command.params):
        option = click.Option(
            ["--json"], is_flag=True, expose_value=False, callback=_set_flag, help="Print JSON, for programs."
        )
        command.params.append(option)
        choices = [param.name for param in command.params if "--format" in param.opts]
        if choices and choices[0] and command.callback:
            command.callback = _with_format(command.callback, choices[0])


def _with_format(callback: Callable[..., Any], name: str) -> Callable[..., Any]:
    """The callback of a command with `--format`, for which `--json` is another way to say `--format json`."""

    @wraps(callback)
    def run(**arguments: Any) -> Any:
        return callback(**arguments | ({name: "json"} if _wants_json() else {}))

    return run


def _wants_json() -> bool:
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(JSON_FLAG))


def _set_flag(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.meta[JSON_FLAG] = value

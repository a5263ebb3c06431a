"""Records in the audit trail what commands change, with the user of the operating system who ran them.

Every command is recorded once it has succeeded, unless it is in UNRECORDED. A command that is added later is therefore
recorded too; a test compares UNRECORDED with the commands that exist.
"""

import getpass
import os
import pwd
import socket
from collections.abc import Mapping
from functools import wraps
from typing import Any

import click

from digest.accounts import audit
from digest.accounts.audit import Actor, Change
from digest.accounts.states import Face
from digest.parts import parts

# Commands that change nothing, the processes themselves, and what has rows of its own (polls, migrations, feedback).
UNRECORDED = frozenset((
    "up", "worker", "doctor", "completion", "sample welcome", "db check", "db upgrade", "db downgrade",
    "backup", "restore",
    "articles group", "articles kind", "articles corrections",
    "editions rank", "feedback unread",
    "sources export", "sources list", "sources parse", "sources poll", "sources polls",
    "regions tag", "regions list", "regions explain", "regions corrections",
    "regions exclusions list",
    "subscribers export", "subscribers show", "import list",
    "editions preview", "editions due", "editions list", "editions show",
    "deliveries stuck", "feedback read", "feedback listen", "feedback suppressed", "accounts list", "tokens list",
    "webhooks list", "webhooks log", "look show", "look export",
))  # fmt: skip
# Commands that record what they do themselves, as security events.
SELF_RECORDED = frozenset((
    "accounts add", "accounts role", "accounts close", "accounts reopen", "accounts remove-second-factor",
    "tokens add", "tokens revoke",
))  # fmt: skip
HIDDEN_VALUE = "…"
MAX_VALUE_LENGTH = 200  # characters of an argument


def command_actor() -> Actor:
    """The user of the operating system, with who called sudo, and the machine."""
    try:
        user = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a user of a container without a name
        user = str(os.getuid())
    caller = getpass.getuser()  # LOGNAME or USER, which sudo -E keeps
    name = user if caller in (user, "root") else f"{caller} as {user}"
    return Actor(f"{name}@{socket.gethostname()}", Face.COMMAND)


def record_command(command: click.Command, path: str) -> None:
    """Make a command, and every command of a group, record itself, unless it only reads."""
    if isinstance(command, click.Group):
        for name, member in command.commands.items():
            record_command(member, f"{path} {name}")
    elif path not in UNRECORDED | SELF_RECORDED and command.callback is not None:
        command.callback = _recorded(command.callback, path)


def _recorded(callback: Any, path: str) -> Any:
    if getattr(callback, "is_recorded", False):  # the groups are made once in a process, and wrapped once
        return callback

    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            result = callback(*args, **kwargs)
        except SystemExit:  # some commands report in their exit status that a part of the input was refused
            _record(path, kwargs)
            raise
        _record(path, kwargs)
        return result

    run.is_recorded = True  # type: ignore[attr-defined]
    return run


def _record(path: str, arguments: Mapping[str, Any]) -> None:
    if arguments.get("dry_run"):  # changed nothing
        return
    p = parts()
    values = {name: _text(value, path) for name, value in arguments.items() if value not in (None, False, ())}
    with p.db.begin() as tx:
        change = Change(after=values or None)
        audit.record(tx, command_actor(), f"dateline {path}", "", now=p.clock(), change=change)


def _text(value: Any, path: str) -> Any:
    """An argument as it is stored. Addresses of subscribers are not: an erased one must be nowhere."""
    if isinstance(value, int | float):
        return value
    if hasattr(value, "read"):  # an open file
        return getattr(value, "name", HIDDEN_VALUE)
    text = str(value)[:MAX_VALUE_LENGTH]
    return HIDDEN_VALUE if "@" in text and not path.startswith("accounts ") else text

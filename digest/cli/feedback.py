"""`dateline feedback`: read what came back."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from digest.feedback.reading import Reading, read

feedback_group = AppGroup("feedback", help="What comes back: bounces, complaints, replies, unsubscriptions.")


@feedback_group.command("read")
@click.argument("paths", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True)
def read_command(paths: tuple[str, ...], dry_run: bool) -> None:
    """Read."""
    for path in paths:
        click.echo(json.dumps(_line(path, read(Path(path).read_bytes()))))


def _line(path: str, reading: Reading) -> dict[str, object]:
    return {
        "file": path,
        "kind": reading.kind,
        "recipients": [
            {
                "address": r.address,
                "class": "hard" if r.hard else "soft",
                "status": r.status,
                "reason": r.reason,
            }
            for r in reading.recipients
        ],
        "delivery": None,
    }

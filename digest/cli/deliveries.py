"""`dateline deliveries`: what does not move, and why."""

import sys
from datetime import timedelta

import click
from flask.cli import AppGroup

from digest.deliveries.store import oversight as store
from digest.deliveries.store.oversight import Stuck
from digest.parts import parts

deliveries_group = AppGroup("deliveries", help="Look after what is being sent.")


@deliveries_group.command("stuck")
@click.option("--minutes", type=click.IntRange(1), default=10, show_default=True, help="How long due.")
def stuck(minutes: int) -> None:
    """List deliveries that are long due, and how to mend it; exit status 1 when there are any.

    \b
    Example: dateline deliveries stuck --minutes 30
    """
    p = parts()
    with p.db.read() as tx:
        found = store.stuck(tx, p.reader.clock(), timedelta(minutes=minutes))
    for row in found:
        since = row.since.isoformat(timespec="minutes")
        click.echo(f"edition {row.edition_id}: {row.count} {row.state} since {since}; {_mend(row)}")
    if not found:
        click.echo("nothing is stuck")
    sys.exit(1 if found else 0)


def _mend(row: Stuck) -> str:
    told = f" ({row.reason})" if row.reason else ""
    match row.edition_state:
        case "paused":
            return f"the edition is paused{told}: `dateline editions resume {row.edition_id}` or `cancel`"
        case "planning":
            return "the edition is still being planned: see the worker's log"
        case _ if row.state == "claimed":
            return "their worker is gone: the next sender takes them over; is one running?"
        case _:
            return f"no sender takes them{told}: is a worker running, does the mail server answer? `dateline doctor`"

"""`dateline deliveries`: which deliveries are stuck, and why."""

import sys
from datetime import timedelta

import click
from flask.cli import AppGroup

from digest.cli.reports import report
from digest.deliveries.store import oversight as store
from digest.deliveries.store.oversight import StuckDeliveries
from digest.editions.states import EditionState
from digest.parts import parts

deliveries_group = AppGroup("deliveries", help="Watch over what is being sent.")


@deliveries_group.command("stuck")
@click.option(
    "--minutes",
    type=click.IntRange(1),
    default=10,
    show_default=True,
    help="How long deliveries must have been due.",
)
def stuck(minutes: int) -> None:
    """List deliveries that have been due for long, with what to do; the exit status is 1 if there are any.

    \b
    Example: dateline deliveries stuck --minutes 30
    """
    p = parts()
    with p.db.read() as tx:
        stuck_rows = store.find_stuck(tx, p.clock(), timedelta(minutes=minutes))
    for row in stuck_rows:
        since = row.since.isoformat(timespec="minutes")
        status = "claimed" if row.claimed else "planned"
        report(
            f"edition {row.edition_id}: {row.count} {status} since {since}; {_advice(row)}",
            edition=row.edition_id, count=row.count, status=status,
        )  # fmt: skip
    if not stuck_rows:
        report("nothing is stuck", count=0)
    sys.exit(1 if stuck_rows else 0)


def _advice(row: StuckDeliveries) -> str:
    reason = f" ({row.reason})" if row.reason else ""
    match row.edition_state:
        case EditionState.PAUSED:
            return f"the edition is paused{reason}: `dateline editions resume {row.edition_id}` or `cancel`"
        case EditionState.PLANNING:
            return "the edition is still being planned: see the worker's log"
        case _ if row.claimed:
            return "a sender has claimed them: it is slow, or has died; the next one takes over what a dead one had"
        case _:
            return f"no sender claims them{reason}: is a worker running? `dateline doctor` checks the mail server"

"""`dateline editions draft`, `freeze` and `send`: editions that somebody sends by hand."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext

from digest.cli.moments import parse_moment
from digest.cli.reports import explain, report
from digest.cli.row_ids import ROW_ID
from digest.deliveries.planning import edition_planner, freezing, manual_editions
from digest.deliveries.planning.reach import reaching_regions
from digest.deliveries.pure.audience import Audience
from digest.editions.states import EditionState
from digest.errors import ConflictError, InvalidInputError
from digest.parts import Parts, parts
from digest.task_names import TaskName
from digest.tasks import enqueue

REGIONS_SHOWN = 8  # through which an edition reaches its subscribers
AUDIENCE_OPTIONS = (
    click.option(
        "--regions",
        default="",
        help="Active subscribers whose regions have a country in common with these, also through a larger region; "
        "default: those who are due now.",
    ),
    click.option("--everyone", is_flag=True, help="All active subscribers."),
    click.option("--note", default="", help="A note at the top of the digest."),
)


def audience_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say whom an edition reaches."""
    for option in reversed(AUDIENCE_OPTIONS):
        command = option(command)
    return command


@click.command("send")
@click.argument("edition_id", type=ROW_ID, metavar="[ID]", required=False)
@click.option("--at", default="", help="When a frozen edition goes out (ISO 8601); default: now.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@audience_options
@with_appcontext
def send(edition_id: int | None, *, at: str, yes: bool, regions: str, everyone: bool, note: str) -> None:
    """Send a frozen edition by its ID; or, without an ID, an edition about the news until now.

    First says how many subscribers it reaches and through which of their regions, and asks for confirmation. If it
    reaches nobody, the exit status is 2.

    \b
    Example: dateline editions send --regions central-asia --note "Special edition"
    """
    p = parts().refresh_regions()
    if edition_id is None:
        if at:
            raise InvalidInputError("--at needs the ID of a frozen edition; without an ID it is sent now.")
        _send_now(p, _audience(p, regions, everyone=everyone), note, yes=yes)
        return
    if regions or everyone or note:
        raise InvalidInputError(
            f"Edition {edition_id} has its audience and note already; leave these options out."
        )
    _release(p, edition_id, at, yes=yes)


@click.command("draft")
@click.option(
    "--hours", type=click.IntRange(0, 24 * 31), default=0, help="Of news; 0: since the last digest."
)
@audience_options
@with_appcontext
def draft(*, hours: int, regions: str, everyone: bool, note: str) -> None:
    """Save an edition as a draft: arrange it in the newsroom, freeze it, check it, and send it.

    \b
    Example: dateline editions draft --regions central-asia
    """
    p = parts().refresh_regions()
    audience = _audience(p, regions, everyone=everyone)
    edition_id = manual_editions.create(p.db, audience, note=note, now=p.clock(), hours=hours, draft=True)
    report(
        f"edition {edition_id} is a draft; `dateline editions freeze {edition_id}` writes its digests",
        edition=edition_id, state=EditionState.DRAFT,
    )  # fmt: skip


@click.command("freeze")
@click.argument("edition_id", type=ROW_ID, metavar="ID")
@with_appcontext
def freeze(edition_id: int) -> None:
    """Write the digests of a draft, so that exactly these are sent. Sends nothing."""
    p = parts().refresh_regions()
    freezing.freeze(p.db, edition_id, p.clock())
    freezing.write_digests(p.db, p.planner(), edition_id, p.clock())
    report(
        f"edition {edition_id} is frozen; `dateline editions send {edition_id}` sends it",
        edition=edition_id, state=EditionState.FROZEN,
    )  # fmt: skip


def _send_now(p: Parts, audience: Audience, note: str, *, yes: bool) -> None:
    now = p.clock()
    edition_planner.schedule_subscribers(p.db, now)
    reach = manual_editions.count_audience(p.db, p.planner(), audience, now)
    report(
        f"subscribers: {reach.subscribers}, with news: {reach.deliveries}, digests: {reach.digests}",
        subscribers=reach.subscribers, deliveries=reach.deliveries, digests=reach.digests,
    )  # fmt: skip
    _show_regions(p, audience)
    if not reach.deliveries:
        raise ConflictError(_why_nobody(audience, reach.subscribers))
    if not yes:
        click.confirm("Send it?", abort=True)
    edition_id = manual_editions.create(p.db, audience, note=note, now=now)
    planned = manual_editions.plan(p.db, p.planner(), edition_id, now)
    enqueue(TaskName.SEND_DELIVERIES)
    report(
        f"edition {edition_id}: deliveries planned: {planned.deliveries}; the worker sends them now",
        edition=edition_id, deliveries=planned.deliveries,
    )  # fmt: skip


def _release(p: Parts, edition_id: int, at: str, *, yes: bool) -> None:
    send_at = parse_moment(at, "--at") if at else None
    if not yes:
        click.confirm(
            f"Send edition {edition_id} {f'at {send_at:%Y-%m-%d %H:%M} UTC' if send_at else 'now'}?",
            abort=True,
        )
    freezing.release(p.db, edition_id, p.clock(), send_at=send_at)
    if send_at is None:
        enqueue(TaskName.PLAN_EDITION, edition_id)
    report(
        f"edition {edition_id} is {'scheduled' if send_at else 'being sent'}",
        edition=edition_id, scheduled=bool(send_at),
    )  # fmt: skip


def _show_regions(p: Parts, audience: Audience) -> None:
    """Say through which regions an audience is reached, so that nobody is surprised by those who chose the world."""
    if audience.kind != "regions":
        return
    regions = reaching_regions(p.db, p.tree, audience)
    shown = ", ".join(f"{slug} {count:,}" for slug, count in regions[:REGIONS_SHOWN])
    more = f", {len(regions) - REGIONS_SHOWN} more" if len(regions) > REGIONS_SHOWN else ""
    explain(f"because they chose: {shown or 'nothing'}{more}")


def _why_nobody(audience: Audience, subscriber_count: int) -> str:
    if subscriber_count:
        return "There is no news for any of them, so nothing was sent."
    if audience.kind == "due":
        return (
            "No subscriber is due now, so nothing was sent. `dateline editions due` shows when they are; --everyone or "
            "--regions sends to active subscribers who are not due."
        )
    return "No active subscriber is in this audience, so nothing was sent."


def _audience(p: Parts, regions: str, *, everyone: bool) -> Audience:
    if regions and everyone:
        raise InvalidInputError("--regions and --everyone exclude each other; choose one.")
    slugs = tuple(dict.fromkeys(p.tree.resolve(name).slug for name in regions.split(",") if name.strip()))
    return Audience("regions", slugs) if slugs else Audience("everyone" if everyone else "due")

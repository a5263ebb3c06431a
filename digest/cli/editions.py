"""`dateline editions`: preview, forecast, send and steer what goes out."""

import json
import re
import sys
from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup

from digest.deliveries.planning import due_forecast, edition_planner, manual_editions
from digest.deliveries.previews import digest_preview
from digest.deliveries.pure.audience import Audience
from digest.deliveries.pure.totals import in_words, reckon
from digest.deliveries.store import claims as deliveries
from digest.deliveries.store import oversight
from digest.editions.models import Edition
from digest.editions.store import editions as store
from digest.errors import InvalidInputError, NotFoundError
from digest.parts import Parts, parts
from digest.subscribers.pure.subscription import SIZES
from digest.tasks import say

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
SHOWN = 5  # regions of a slot, in the table

ID = click.IntRange(1, 2**31 - 1)  # the largest that PostgreSQL keeps
editions_group = AppGroup(
    "editions", help="What goes out: preview, due, send, list, show, pause, resume, cancel."
)


@editions_group.command("preview")
@click.option("--regions", required=True, help="Slugs, ISO codes or names, separated by commas.")
@click.option("--lang", default="en", show_default=True)
@click.option("--size", type=click.Choice(SIZES), default="standard", show_default=True)
@click.option("--at", default="", help="The moment to look from (ISO 8601); now if not given.")
@click.option(
    "--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 31), help="How far to look back."
)
@click.option(
    "--format", "form", type=click.Choice(["html", "text", "eml", "json"]), default="text", show_default=True
)
def preview(regions: str, lang: str, size: str, at: str, *, hours: int, form: str) -> None:
    """Print exactly what a reader of these regions would get.

    \b
    Example: dateline editions preview --regions central-asia,GE --format text
    """
    p = parts().fresh()
    now = _moment(at, p)
    if lang not in p.languages:
        raise InvalidInputError(f'--lang: "{lang}" is not offered; there is {", ".join(p.languages)}')
    window = (now - timedelta(hours=hours), now)
    wanted = digest_preview.Wanted(_slugs(p, regions), lang, window, size=size)
    found = digest_preview.of_regions(p.db, p.post, wanted)
    if found is None:
        raise InvalidInputError(
            f"nothing was published about {regions} in the {hours} hours before {now:%Y-%m-%d %H:%M} UTC"
        )
    match form:
        case "json":
            click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
        case "eml":
            sys.stdout.buffer.write(found.message)
        case "html":
            click.echo(found.html)
        case _:
            click.echo(found.text)


@editions_group.command("due")
@click.option(
    "--at", default="", help="A day (2026-12-24, in UTC), or up to which moment (ISO 8601); now if unset."
)
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
def due(at: str, form: str) -> None:
    """Say who is due on a day, or from now up to a moment: when, how many, in which regions. Changes nothing.

    As JSON lines, one for each quarter of an hour, or as a table.

    \b
    Example: dateline editions due --at 2026-12-24 --format text
    """
    p = parts().fresh()
    start, end = _span(at, p)
    slots = due_forecast.forecast(p.db, start, end, p.reader.clock())
    for slot in slots:
        told = {"at": slot.at.isoformat(), "readers": slot.readers, "regions": slot.regions}
        if form == "json":
            click.echo(json.dumps(told))
        else:
            regions = ", ".join(f"{slug} {count}" for slug, count in list(slot.regions.items())[:SHOWN])
            more = len(slot.regions) - SHOWN
            click.echo(
                f"{slot.at:%Y-%m-%d %H:%M} UTC {slot.readers:>9,}  {regions}{f', {more} more' if more > 0 else ''}"
            )
    if form == "text":
        click.echo(f"{sum(slot.readers for slot in slots):,} digests are due in {len(slots)} slots")


@editions_group.command("send")
@click.option(
    "--regions", default="", help="Only readers who chose any country of these; else everybody who is due."
)
@click.option("--note", default="", help="A note on top of the digest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def send(regions: str, note: str, yes: bool) -> None:
    """Send now. Says first how many readers it reaches, and asks.

    \b
    Example: dateline editions send --regions central-asia --note "Special edition"
    """
    p = parts().fresh()
    now = p.reader.clock()
    audience = Audience("regions", _slugs(p, regions)) if regions else Audience("due")
    edition_planner.schedule(p.db, now)
    reach = manual_editions.reach(p.db, p.planner(), audience, now)
    click.echo(
        f"readers: {reach.readers}, with something new coming: {reach.deliveries}, digests: {reach.digests}"
    )
    if not reach.deliveries:
        return
    if not yes:
        click.confirm("Send it?", abort=True)
    edition_id = manual_editions.create(p.db, audience, note=note, now=now)
    planned = manual_editions.plan(p.db, p.planner(), edition_id, now)
    say("deliveries.send")
    click.echo(f"edition {edition_id}: deliveries planned: {planned.deliveries}; the worker sends them now")


@editions_group.command("list")
def listing() -> None:
    """List the newest editions with their deliveries by state, as JSON lines."""
    with parts().db.read() as tx:
        rows, _ = store.listing(tx)
        counts = deliveries.counts(tx, [row.id for row in rows])
    for row in rows:
        click.echo(json.dumps(_as_json(row, counts[row.id])))


@editions_group.command("show")
@click.argument("edition_id", type=ID, metavar="ID")
def show(edition_id: int) -> None:
    """Print one edition with its digests as JSON."""
    with parts().db.read() as tx:
        row = store.by_id(tx, edition_id)
        counts = deliveries.counts(tx, [edition_id])[edition_id]
        digests = [
            {"subject": d.subject, "stories": sum(len(stories) for _, stories in d.sections), "hash": d.hash}
            for d in store.digests_of(tx, edition_id)
        ]
    click.echo(json.dumps(_as_json(row, counts) | {"digests": digests}, ensure_ascii=False, indent=1))


@editions_group.command("pause")
@click.argument("edition_id", type=ID, metavar="ID")
def pause(edition_id: int) -> None:
    """Hold an edition: nothing more of it is sent until it is resumed."""
    manual_editions.pause(parts().db, edition_id)
    click.echo(f"edition {edition_id} is paused; `dateline editions resume {edition_id}` lets it go on")


@editions_group.command("resume")
@click.argument("edition_id", type=ID, metavar="ID")
def resume(edition_id: int) -> None:
    """Let a paused edition go on."""
    manual_editions.resume(parts().db, edition_id)
    say("deliveries.send")
    click.echo(f"edition {edition_id} goes on")


@editions_group.command("throttle")
@click.argument("edition_id", type=ID, metavar="ID")
@click.option(
    "--per-second", "rate", type=click.IntRange(0, 100_000), required=True, help="Mails; 0: no limit."
)
def throttle(edition_id: int, rate: int) -> None:
    """Let an edition go out at most this fast. It counts within seconds."""
    with parts().db.begin() as tx:
        if not oversight.set_rate(tx, edition_id, rate):
            raise NotFoundError(f"There is no edition {edition_id}.")
    click.echo(f"edition {edition_id}: " + (f"at most {rate} a second" if rate else "no limit"))


@editions_group.command("cancel")
@click.argument("edition_id", type=ID, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask.")
def cancel(edition_id: int, yes: bool) -> None:
    """End an edition: what has not been sent of it will not be. Can't be undone."""
    if not yes:
        click.confirm(f"Cancel edition {edition_id}? What is not sent yet will never be", abort=True)
    p = parts()
    click.echo(
        f"edition {edition_id} is cancelled; {manual_editions.cancel(p.db, edition_id, p.reader.clock())} not sent"
    )


def _slugs(p: Parts, names: str) -> tuple[str, ...]:
    chosen = {p.tree.resolve(name).slug for name in names.split(",") if name.strip()}
    return tuple(region.slug for region in p.tree.all() if region.slug in chosen)


def _span(at: str, p: Parts) -> tuple[datetime, datetime]:
    """A whole day, or all up to and with a moment, overdue ones included."""
    if DAY.fullmatch(at.strip()):
        start = _moment(at.strip(), p)
        return start, start + timedelta(days=1)
    return datetime.min.replace(tzinfo=UTC), _moment(at, p) + timedelta.resolution


def _moment(text: str, p: Parts) -> datetime:
    if not text:
        return p.reader.clock()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInputError(f'--at: "{text}" is not ISO 8601 (example: 2026-05-01T07:00+05:00)') from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _as_json(row: Edition, counts: dict[str, int]) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "slot": row.slot if row.kind == "scheduled" else None,
        "state": row.state,
        "cutoff": row.cutoff.isoformat(),
        "created_at": row.created_at.isoformat(),
        "deliveries": counts,
        "reckoning": in_words(reckon(counts)),
        "stopped": row.reason or None,
        "per_second": row.rate or None,
    }

"""`dateline editions`: preview, forecast, send and control editions."""

import json
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup

from digest.cli.edition_sending import draft, freeze, send
from digest.cli.moments import parse_moment
from digest.cli.rank import rank
from digest.cli.reports import report
from digest.cli.row_ids import ROW_ID
from digest.deliveries.planning import due_forecast, manual_editions
from digest.deliveries.previews import digest_preview
from digest.deliveries.pure.totals import compute_totals, format_totals
from digest.deliveries.states import DeliveryState
from digest.deliveries.store import deliveries, oversight
from digest.editions.models import Edition
from digest.editions.pure.edition_spec import PreferencesSpec
from digest.editions.states import EditionState
from digest.editions.store import editions as store
from digest.errors import InvalidInputError, NotFoundError
from digest.feedback.store import counts as feedback_counts
from digest.parts import Parts, parts
from digest.subscribers.pure.content_choices import NO, YES, ContentChoices, parse_content
from digest.subscribers.pure.subscription import SIZES, InvalidSubscriptionError
from digest.subscribers.states import DigestSize
from digest.task_names import TaskName
from digest.tasks import enqueue

DATE_PATTERN = re.compile(r"\d{4}-\d{2}-\d{2}")
REGIONS_SHOWN = 5  # per slot in the text table

editions_group = AppGroup(
    "editions",
    help="Editions: preview, rank, due, draft, freeze, send, list, show, pause, resume, throttle, cancel.",
)
for command in (rank, draft, freeze, send):
    editions_group.add_command(command)


@editions_group.command("preview")
@click.option("--regions", required=True, help="Slugs, ISO codes or names, separated by commas.")
@click.option("--lang", default="en", show_default=True)
@click.option("--size", type=click.Choice(SIZES), default="standard", show_default=True)
@click.option("--at", default="", help="The end of the window (ISO 8601); default: now.")
@click.option(
    "--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 31), help="How many hours of news."
)
@click.option(
    "--kinds",
    default="",
    help='Of sport, culture, lifestyle, opinion, separated by commas; "none": news only; default: the operator\'s.',
)
@click.option(
    "--languages-read", default="", help="Codes separated by commas; default: the digest's language."
)
@click.option("--show-why", is_flag=True, help="Show under each story why it is in the digest.")
@click.option(
    "--format", "form", type=click.Choice(["html", "text", "eml", "json"]), default="text", show_default=True
)
def preview(
    regions: str, lang: str, size: str, at: str, *, hours: int, form: str, **content: str | bool
) -> None:
    """Print exactly what a subscriber to these regions would get.

    \b
    Example: dateline editions preview --regions central-asia,GE --format text
    """
    p = parts().refresh_regions()
    now = _moment(at, p)
    if lang not in p.languages:
        raise InvalidInputError(f'--lang: "{lang}" is not offered; there is {", ".join(p.languages)}')
    window = digest_preview.TimeWindow(now - timedelta(hours=hours), now)
    preferences = PreferencesSpec(_slugs(p, regions), lang, DigestSize(size), _content(content, lang))
    request = digest_preview.PreviewRequest(preferences, window)
    rendered = digest_preview.preview_regions(p.db, p.sending, request)
    if rendered is None:
        raise InvalidInputError(
            f"nothing was published about {regions} in the {hours} hours before {now:%Y-%m-%d %H:%M} UTC"
        )
    match form:
        case "json":
            click.echo(json.dumps(rendered.as_json(), ensure_ascii=False, indent=1))
        case "eml":
            sys.stdout.buffer.write(rendered.message)
        case "html":
            click.echo(rendered.html)
        case _:
            click.echo(rendered.text)


@editions_group.command("due")
@click.option(
    "--at",
    default="",
    help="A day (2026-12-24, in UTC), or the last moment to count (ISO 8601); default: now.",
)
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
def due(at: str, form: str) -> None:
    """Show how many subscribers are due on a day, or up to a moment, and in which regions. Changes nothing.

    Prints JSON lines, one for each quarter of an hour, or a table.

    \b
    Example: dateline editions due --at 2026-12-24 --format text
    """
    p = parts().refresh_regions()
    start, end = _span(at, p)
    slots = due_forecast.forecast(p.db, start, end, p.clock())
    for slot in slots:
        row = {"at": slot.at.isoformat(), "readers": slot.subscribers, "regions": slot.subscribers_by_region}
        if form == "json":
            click.echo(json.dumps(row))
        else:
            regions = ", ".join(
                f"{slug} {count}" for slug, count in list(slot.subscribers_by_region.items())[:REGIONS_SHOWN]
            )
            more = len(slot.subscribers_by_region) - REGIONS_SHOWN
            click.echo(
                f"{slot.at:%Y-%m-%d %H:%M} UTC {slot.subscribers:>9,}  {regions}{f', {more} more' if more > 0 else ''}"
            )
    if form == "text":
        click.echo(f"total: {sum(slot.subscribers for slot in slots):,}, slots: {len(slots)}")


@editions_group.command("list")
def listing() -> None:
    """List the newest editions with their deliveries by state, as JSON lines."""
    with parts().db.read() as tx:
        rows, _ = store.listing(tx)
        counts = deliveries.count_by_state(tx, [row.id for row in rows])
    for row in rows:
        click.echo(json.dumps(_as_json(row, counts[row.id])))


@editions_group.command("show")
@click.argument("edition_id", type=ROW_ID, metavar="ID")
def show(edition_id: int) -> None:
    """Print one edition with its digests as JSON."""
    with parts().db.read() as tx:
        row = store.by_id(tx, edition_id)
        counts = deliveries.count_by_state(tx, [edition_id])[edition_id]
        digests = [
            {
                "subject": d.subject,
                "stories": sum(len(section.stories) for section in d.sections),
                "hash": d.hash,
            }
            for d in store.digests_of(tx, edition_id)
        ]
        feedback = feedback_counts.count_by_edition(tx, [edition_id])[edition_id]
    shown = _as_json(row, counts) | {"feedback": feedback._asdict(), "digests": digests}
    click.echo(json.dumps(shown, ensure_ascii=False, indent=1))


@editions_group.command("pause")
@click.argument("edition_id", type=ROW_ID, metavar="ID")
def pause(edition_id: int) -> None:
    """Pause an edition: no more of it is sent until it is resumed."""
    manual_editions.pause(parts().db, edition_id)
    report(
        f"edition {edition_id} is paused; `dateline editions resume {edition_id}` continues it",
        edition=edition_id, state=EditionState.PAUSED,
    )  # fmt: skip


@editions_group.command("resume")
@click.argument("edition_id", type=ROW_ID, metavar="ID")
def resume(edition_id: int) -> None:
    """Resume a paused edition."""
    manual_editions.resume(parts().db, edition_id)
    enqueue(TaskName.SEND_DELIVERIES)
    report(f"edition {edition_id} is resumed", edition=edition_id, state=EditionState.SENDING)


@editions_group.command("throttle")
@click.argument("edition_id", type=ROW_ID, metavar="ID")
@click.option(
    "--per-second",
    "rate",
    type=click.IntRange(0, 100_000),
    required=True,
    help="Mails a second; 0: no limit.",
)
def throttle(edition_id: int, rate: int) -> None:
    """Limit how fast an edition is sent. Takes effect within seconds."""
    with parts().db.begin() as tx:
        if not oversight.set_rate(tx, edition_id, rate):
            raise NotFoundError(f"There is no edition {edition_id}.")
    report(
        f"edition {edition_id}: " + (f"at most {rate} a second" if rate else "no limit"),
        edition=edition_id, rate=rate,
    )  # fmt: skip


@editions_group.command("cancel")
@click.argument("edition_id", type=ROW_ID, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def cancel(edition_id: int, yes: bool) -> None:
    """Cancel an edition: what is not sent yet will never be sent. This can't be undone."""
    if not yes:
        click.confirm(f"Cancel edition {edition_id}? What is not sent yet will never be sent", abort=True)
    p = parts()
    count = manual_editions.cancel(p.db, edition_id, p.clock())
    report(
        f"edition {edition_id} is cancelled; {count} not sent",
        edition=edition_id, state=EditionState.CANCELLED, not_sent=count,
    )  # fmt: skip


def _slugs(p: Parts, names: str) -> tuple[str, ...]:
    """The named regions, each once, in the order of the names."""
    return tuple(dict.fromkeys(p.tree.resolve(name).slug for name in names.split(",") if name.strip()))


def _content(options: Mapping[str, str | bool], language: str) -> ContentChoices:
    """The content choices in the options `kinds`, `languages_read` and `show_why`. Raises InvalidSubscriptionError."""
    errors: dict[str, str] = {}
    values = {name: str(value) for name, value in options.items()}
    values["show_why"] = YES if options["show_why"] else NO
    content = parse_content(values, errors, language=language)
    if errors:
        raise InvalidSubscriptionError(errors)
    return content


def _span(at: str, p: Parts) -> tuple[datetime, datetime]:
    """Start and end of a day, or of all time up to and including a moment, so that overdue slots count."""
    if DATE_PATTERN.fullmatch(at.strip()):
        start = _moment(at.strip(), p)
        return start, start + timedelta(days=1)
    return datetime.min.replace(tzinfo=UTC), _moment(at, p) + timedelta.resolution


def _moment(text: str, p: Parts) -> datetime:
    return parse_moment(text, "--at") if text else p.clock()


def _as_json(row: Edition, counts: dict[DeliveryState, int]) -> dict[str, object]:
    return {
        "id": row.id,
        "kind": row.kind,
        "slot": row.slot if row.kind == "scheduled" else None,
        "state": row.state,
        "cutoff": row.cutoff.isoformat(),
        "created_at": row.created_at.isoformat(),
        "deliveries": counts,
        "reckoning": format_totals(compute_totals(counts)),
        "stopped": row.reason or None,
        "per_second": row.rate or None,
    }

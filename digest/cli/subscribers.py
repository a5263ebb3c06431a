"""`dateline subscribers`: export, show, erase and allow subscribers. The other commands are in modules beside it."""

import csv
import json
import sys

import click
from flask.cli import AppGroup

from digest.cli.reports import report
from digest.cli.subscriber_changes import add, change, pause, resume, unsubscribe
from digest.cli.subscriber_imports import import_csv
from digest.feedback import suppression
from digest.parts import parts
from digest.subscribers import lifecycle
from digest.subscribers.csv_cells import escape_cell
from digest.subscribers.pure.email_address import EmailAddress, parse_address
from digest.subscribers.store import notes
from digest.subscribers.store import subscribers as store

COLUMNS = (
    "email",
    "state",
    "regions",
    "cadence",
    "weekday",
    "time",
    "zone",
    "language",
    "size",
    "kinds",
    "languages_read",
    "show_why",
    "created_at",
    "confirmed_at",
    "paused_until",
)

subscribers_group = AppGroup(
    "subscribers",
    help="Subscribers: add, change, pause, resume, unsubscribe, import, export, show, erase, allow.",
)
for command in (import_csv, add, change, pause, resume, unsubscribe):
    subscribers_group.add_command(command)


@subscribers_group.command("export")
def export() -> None:
    """Print all subscribers as CSV, with the columns that `dateline import dateline` reads."""
    writer = csv.writer(sys.stdout)
    writer.writerow(COLUMNS)
    with parts().db.read() as tx:
        for s in store.iterate_all(tx):
            time = f"{s.send_minute // 60:02d}:{s.send_minute % 60:02d}"
            regions = " ".join(s.preferences.regions)
            row = [s.email, s.state, regions, s.cadence, s.weekday, time, s.zone]
            row += [s.preferences.language, s.preferences.size, *s.preferences.content.as_values().values()]
            moments = (s.created_at, s.confirmed_at, s.paused_until)
            dates = [moment.isoformat() if moment else "" for moment in moments]
            writer.writerow([escape_cell(value) for value in row + dates])


@subscribers_group.command("show")
@click.argument("email")
def show(email: str) -> None:
    """Print what is stored about an address, as JSON."""
    with parts().db.read() as tx:
        s = store.by_address(tx, parse_address(email))
        consents = [
            {"at": c.at.isoformat(), "action": c.action, "origin": c.origin, "wording": c.wording}
            for c in store.consents(tx, s)
        ]
        written = [
            {"at": (note.changed_at or note.created_at).isoformat(), "author": note.author, "text": note.text}
            for note in notes.of_subscriber(tx, s.id)
        ]
        subscription = {
            "regions": s.preferences.regions,
            "language": s.preferences.language,
            "size": s.preferences.size,
            **s.preferences.content.as_json(),
            "cadence": s.cadence,
            "zone": s.zone,
            "send_minute": s.send_minute,
        }
        dates = {
            name: moment.isoformat() if (moment := getattr(s, name)) else None
            for name in ("created_at", "confirmed_at", "paused_until", "next_due_at", "last_cutoff")
        }
    click.echo(
        json.dumps(
            {"email": s.email, "state": s.state}
            | subscription
            | dates
            | {"consents": consents, "notes": written},
            indent=1,
        )
    )


@subscribers_group.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def erase(email: str, yes: bool) -> None:
    """Erase a subscriber for good. A keyed hash remains, so that the address is never written to again."""
    p = parts()
    address: EmailAddress = parse_address(email)
    with p.db.read() as tx:
        s = store.by_address(tx, address)
    if not yes:
        click.confirm(f"Erase {s.email} and the record of every mail to it? This can't be undone", abort=True)
    lifecycle.erase(p.db, s.public_id, secret=p.settings.secret_key, now=p.clock())
    report(f"erased {s.email}", email=s.email)


@subscribers_group.command("allow")
@click.argument("email")
def allow(email: str) -> None:
    """Let an erased or suppressed address subscribe again. Do this only if its owner asks you to."""
    p = parts()
    address = parse_address(email)
    suppression.lift(p.db, address, secret=p.settings.secret_key, mistaken=False, now=p.clock())
    report(f"{address.email} may subscribe again", email=address.email)

"""`dateline subscribers`: bring readers in, take them out, look one up."""

import csv
import json
import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from digest.feedback import suppression
from digest.parts import parts
from digest.subscribers import csv_import, lifecycle
from digest.subscribers.csv_cells import rows_of, safe_cell
from digest.subscribers.pure.email_address import Address, read_address
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
    "created_at",
    "confirmed_at",
)

subscribers_group = AppGroup("subscribers", help="Readers: import, export, show, erase.")


@subscribers_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--consent", required=True, help="Where and when these readers agreed; kept with each of them.")
def import_csv(file: Path, consent: str) -> None:
    """Add active readers from a CSV file with a header; those who are known are left as they are.

    Columns: email, regions (slugs or ISO codes, separated by spaces), and optionally cadence (daily, weekdays,
    weekly), weekday (0 is Monday), time (07:15), zone (Asia/Tashkent), language, size (brief, standard, full), state:
    whoever is not active is left out. Lines that can't be used are reported with their number, the others are
    imported, and the exit status is 2.

    \b
    Example: dateline subscribers import readers.csv --consent "list of 2026-05-01, double opt-in"
    """
    if not consent.strip():
        raise click.BadParameter("say where and when they agreed", param_hint="--consent")
    p = parts().fresh()
    done = csv_import.import_rows(p.db, rows_of(file.read_bytes()), csv_import.Rules(
        tree=p.tree, languages=p.languages, secret=p.settings.secret_key, consent=consent, now=p.reader.clock()
    ))  # fmt: skip
    for number, reason in done.rejected:
        click.echo(f"line {number}: {reason}", err=True)
    click.echo(
        f"added {done.added}, known already {done.known}, suppressed {done.suppressed}, rejected {len(done.rejected)}"
    )
    sys.exit(2 if done.rejected else 0)


@subscribers_group.command("export")
def export() -> None:
    """Print all subscribers as CSV, in the columns that `import` reads."""
    out = csv.writer(sys.stdout)
    out.writerow(COLUMNS)
    with parts().db.read() as tx:
        for s in store.everyone(tx):
            time = f"{s.send_minute // 60:02d}:{s.send_minute % 60:02d}"
            regions = " ".join(s.preferences.regions)
            row = [s.email, s.state, regions, s.cadence, s.weekday, time, s.zone]
            row += [s.preferences.language, s.preferences.size]
            dates = [s.created_at.isoformat(), s.confirmed_at.isoformat() if s.confirmed_at else ""]
            out.writerow([safe_cell(value) for value in row + dates])


@subscribers_group.command("show")
@click.argument("email")
def show(email: str) -> None:
    """Print what is kept about an address, as JSON."""
    with parts().db.read() as tx:
        s = csv_import.required(store.by_address(tx, read_address(email)), email)
        consents = [
            {"at": c.at.isoformat(), "action": c.action, "origin": c.origin, "wording": c.wording}
            for c in store.consents(tx, s)
        ]
        wanted = {
            "regions": s.preferences.regions,
            "language": s.preferences.language,
            "size": s.preferences.size,
            "cadence": s.cadence,
            "zone": s.zone,
            "send_minute": s.send_minute,
        }
        dates = {
            name: moment.isoformat() if (moment := getattr(s, name)) else None
            for name in ("created_at", "confirmed_at", "paused_until", "next_due_at", "last_cutoff")
        }
    click.echo(
        json.dumps({"email": s.email, "state": s.state} | wanted | dates | {"consents": consents}, indent=1)
    )


@subscribers_group.command("erase")
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(email: str, yes: bool) -> None:
    """Erase a reader for good; a keyed hash stays, so that the address is never written to again."""
    p = parts()
    address: Address = read_address(email)
    with p.db.read() as tx:
        s = csv_import.required(store.by_address(tx, address), email)
    if not yes:
        click.confirm(f"Erase {s.email} and the record of every mail to it? This can't be undone", abort=True)
    lifecycle.erase(p.db, s.public_id, secret=p.settings.secret_key, now=p.reader.clock())
    click.echo(f"erased {s.email}")


@subscribers_group.command("allow")
@click.argument("email")
def allow(email: str) -> None:
    """Let an address subscribe again that was erased or suppressed. Only when its holder asks you to."""
    p = parts()
    address = read_address(email)
    suppression.lift(p.db, address, secret=p.settings.secret_key, mistaken=False, now=p.reader.clock())
    click.echo(f"{address.email} may subscribe again")

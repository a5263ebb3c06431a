"""`dateline feedback`: read what came back, listen for it, and see to the list of suppressed addresses."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import AppGroup

from digest.errors import SettingsError, UnavailableError
from digest.feedback import actions, identification, suppression, suppression_csv
from digest.feedback.identification import Trust
from digest.feedback.incoming_mail import LEFT, read_mailbox, take_or_leave
from digest.feedback.listener import Handler, serve
from digest.feedback.pure.classification import Reading, read
from digest.feedback.pure.mail_parts import LARGEST
from digest.parts import Parts, parts
from digest.subscribers.csv_cells import rows_of
from digest.subscribers.pure.email_address import read_address

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: a mail server that pipes to us keeps the mail, and tries again

feedback_group = AppGroup(
    "feedback", help="What comes back: bounces, complaints, unsubscriptions; suppressions."
)


@feedback_group.command("read")
@click.argument("paths", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Say what each mail means, and change nothing.")
def read_command(paths: tuple[str, ...], dry_run: bool) -> None:
    """Read mails (files, Maildirs, folders of .eml; - is standard input), act on them, and print a JSON line for each.

    Without PATHS the mailbox of FEEDBACK_MAILBOX is read, as beat does every minute. The same mail twice counts once.
    A file that can't be read is reported, the others are read, and the exit status is 2.

    \b
    Example, in a mail server's aliases: bounces: "|dateline feedback read -"
    """
    p = parts()
    if not paths:
        _read_mailbox(p)
        return
    failed = False
    for name in paths:
        try:
            for file, raw in _mails(name):
                click.echo(json.dumps(_line(p, file, raw, dry_run=dry_run), ensure_ascii=False))
        except BrokenPipeError:  # of standard output: whoever read it has seen enough
            raise
        except OSError as error:
            click.echo(f"{name}: {error.strerror or error}", err=True)
            failed = True
        except UnavailableError as error:
            click.echo(f"dateline: {error}", err=True)
            sys.exit(TRY_AGAIN)
    sys.exit(2 if failed else 0)


@feedback_group.command("listen")
@click.option("--protocol", type=click.Choice(["lmtp", "smtp"]), default="lmtp", show_default=True)
def listen(protocol: str) -> None:
    """Listen on FEEDBACK_LISTEN for mail to RETURN_PATH_DOMAIN that a mail server hands over, until stopped."""
    p = parts()
    host, _, port = p.settings.feedback_listen.rpartition(":")
    if not host or not p.settings.return_path_domain:
        raise SettingsError(
            "FEEDBACK_LISTEN, RETURN_PATH_DOMAIN: must be set (example: 127.0.0.1:8024, bounces.example.org)"
        )

    def take(raw: bytes, to: str) -> None:
        take_or_leave(
            p.db, raw, p.feedback(), Trust("listener", to), left=p.settings.var / LEFT, now=p.reader.clock()
        )

    handler = Handler(take, secret=p.settings.secret_key, domain=p.settings.return_path_domain)
    asyncio.run(_until_stopped(handler, host, int(port), protocol))


@feedback_group.command("suppressed")
def suppressed() -> None:
    """Print the suppressed addresses as CSV, in the columns that `suppress` reads.

    Erased addresses, and those that no reader has, are kept as keyed hashes only: they can't be printed.
    """
    for line in suppression_csv.export(parts().db):
        click.echo(line, nl=False)


@feedback_group.command("suppress")
@click.argument("file", type=click.File("rb"))
def suppress(file: BinaryIO) -> None:
    """Suppress the addresses of a CSV file with a header (email, and if you like reason and detail).

    Lines that can't be used are reported with their number, the others count, and the exit status is 2.
    """
    p = parts()
    done = suppression_csv.suppress_rows(
        p.db, rows_of(file.read()), secret=p.settings.secret_key, now=p.reader.clock()
    )
    for number, reason in done.rejected:
        click.echo(f"line {number}: {reason}", err=True)
    click.echo(f"suppressed {done.added}, known already {done.known}, rejected {len(done.rejected)}")
    sys.exit(2 if done.rejected else 0)


@feedback_group.command("lift")
@click.argument("email")
@click.option(
    "--mistaken",
    is_flag=True,
    help="The bounce was a mistake: a reader who had agreed gets the digest again.",
)
def lift(email: str, mistaken: bool) -> None:
    """Take an address off the list. Without --mistaken its reader must subscribe again."""
    p = parts()
    state = suppression.lift(
        p.db, read_address(email), secret=p.settings.secret_key, mistaken=mistaken, now=p.reader.clock()
    )
    click.echo(f"{email} is {state}" if state else f"{email} may subscribe")


def _read_mailbox(p: Parts) -> None:
    if not p.settings.feedback_mailbox:
        raise SettingsError(
            "FEEDBACK_MAILBOX: is not set, and no PATH is given (example: imaps://user:pass@host/INBOX)"
        )
    left = p.settings.var / LEFT
    count = read_mailbox(p.db, p.settings.feedback_mailbox, p.feedback(), left=left, clock=p.reader.clock)
    click.echo(f"read {count}")


def _mails(name: str) -> Iterator[tuple[str, bytes]]:
    """The mails at a path: standard input, a file, a Maildir, or a folder of files; the beginning of each."""
    if name == "-":
        yield name, sys.stdin.buffer.read(LARGEST)
        return
    path = Path(name)
    folders = [path / part for part in ("new", "cur") if (path / part).is_dir()] or [path]
    files = (
        sorted(file for one in folders for file in one.iterdir() if file.is_file())
        if path.is_dir()
        else [path]
    )
    for file in files:
        with file.open("rb") as opened:
            yield str(file), opened.read(LARGEST)


def _line(p: Parts, file: str, raw: bytes, *, dry_run: bool) -> dict[str, object]:
    reading, trust, now = read(raw), Trust("pipe" if file == "-" else "file"), p.reader.clock()
    if not dry_run:
        left = p.settings.var / LEFT
        if file == "-":
            taken = take_or_leave(p.db, raw, p.feedback(), trust, left=left, now=now)
        else:
            taken = actions.take(p.db, reading, p.feedback(), trust, octets=raw, now=now)
        told = _told(file, replace(reading, kind=taken.kind), taken.delivery)
        return told | {"readers": taken.readers, "new": taken.new, "stopped": taken.stopped}
    if not identification.marked(
        reading, p.feedback().keys, trust
    ):  # so that no database is needed to look at a mail
        return _told(file, reading, None)
    with p.db.read() as tx:
        kind, found = actions.look(tx, reading, p.feedback().keys, trust, now=now)
    deliveries = [one.delivery.id for one in found if one.delivery]
    return _told(file, replace(reading, kind=kind), deliveries[0] if deliveries else None)


def _told(file: str, reading: Reading, delivery: int | None) -> dict[str, object]:
    recipients = [
        {
            "address": one.address,
            "class": "hard" if one.hard else "soft",
            "status": one.status,
            "reason": one.reason,
        }
        for one in reading.recipients
    ]
    return {"file": file, "kind": reading.kind, "recipients": recipients, "delivery": delivery}


async def _until_stopped(handler: Handler, host: str, port: int, protocol: str) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(
        serve(
            handler,
            host,
            port,
            protocol=protocol,
            ready=lambda at: click.echo(f"listening on {host}:{at}", err=True),
        )
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        click.echo("stopped", err=True)

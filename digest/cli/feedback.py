"""`dateline feedback`: read and receive feedback, and manage the list of suppressed addresses."""

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

from digest.cli.exit_status import INVALID_INPUT, TRY_AGAIN
from digest.cli.reports import report
from digest.errors import SettingsError, UnavailableError
from digest.feedback import actions, identification, suppression, suppression_csv
from digest.feedback.identification import FeedbackOrigin
from digest.feedback.incoming_mail import OTHER_MAIL_FOLDER, process_or_save, read_mailbox
from digest.feedback.listener import FeedbackSmtpHandler, serve
from digest.feedback.pure.classification import ParsedFeedback, classify_mail
from digest.feedback.pure.mail_parts import MAX_MAIL_BYTES
from digest.feedback.store import feedback as store
from digest.parts import Parts, parts
from digest.subscribers.pure.email_address import parse_address

feedback_group = AppGroup("feedback", help="Bounces, complaints, unsubscriptions; suppressed addresses.")


@feedback_group.command("read")
@click.argument("paths", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Print what each mail means, and change nothing.")
def read_command(paths: tuple[str, ...], dry_run: bool) -> None:
    """Read mails (files, Maildirs, folders of .eml; - is standard input), act on them, and print a JSON line for each.

    Without PATHS it reads the mailbox of FEEDBACK_MAILBOX, as the worker does every minute. A repeated mail counts
    once. A file that can't be read is reported; the others are read, and the exit status is 2.

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
        except BrokenPipeError:  # the reader of standard output has stopped reading
            raise
        except OSError as error:
            click.echo(f"{name}: {error.strerror or error}", err=True)
            failed = True
        except UnavailableError as error:
            click.echo(f"dateline: {error}", err=True)
            sys.exit(TRY_AGAIN)
    sys.exit(INVALID_INPUT if failed else 0)


@feedback_group.command("unread")
def unread() -> None:
    """Print the events of webhooks that could not be read, a JSON line for each, newest first."""
    with parts().db.read() as tx:
        for event in store.unread_events(tx):
            line = {
                "at": event.at.isoformat(),
                "origin": event.origin,
                "error": event.error,
                "raw": event.raw,
            }
            click.echo(json.dumps(line, ensure_ascii=False))


@feedback_group.command("listen")
@click.option("--protocol", type=click.Choice(["lmtp", "smtp"]), default="lmtp", show_default=True)
def listen(protocol: str) -> None:
    """Receive mail to RETURN_PATH_DOMAIN from a mail server, on FEEDBACK_LISTEN, until stopped."""
    p = parts()
    host, _, port = p.settings.feedback_listen.rpartition(":")
    if not host or not p.settings.return_path_domain:
        raise SettingsError(
            "FEEDBACK_LISTEN, RETURN_PATH_DOMAIN: must be set (example: 127.0.0.1:8024, bounces.example.org)"
        )

    def process(raw: bytes, to: str) -> None:
        process_or_save(
            p.db,
            raw,
            p.feedback_policy(),
            FeedbackOrigin("listener", to),
            other_mail_folder=p.settings.var / OTHER_MAIL_FOLDER,
            now=p.clock(),
        )

    handler = FeedbackSmtpHandler(process, secret=p.settings.secret_key, domain=p.settings.return_path_domain)
    asyncio.run(_until_stopped(handler, host, int(port), protocol))


@feedback_group.command("suppressed")
def suppressed() -> None:
    """Print the suppressed addresses as CSV, with the columns that `suppress` reads.

    Addresses that were erased or never subscribed are stored only as keyed hashes and can't be printed.
    """
    for line in suppression_csv.export_csv(parts().db):
        click.echo(line, nl=False)


@feedback_group.command("suppress")
@click.argument("file", type=click.File("rb"))
def suppress(file: BinaryIO) -> None:
    """Suppress the addresses of a CSV file with a header (email, and optionally reason and detail).

    Invalid lines are reported with their number; the others are used, and the exit status is 2.
    """
    p = parts()
    done = suppression_csv.suppress_file(p.db, file.read(), secret=p.settings.secret_key, now=p.clock())
    for number, reason in done.rejected:
        click.echo(f"line {number}: {reason}", err=True)
    report(
        f"suppressed {done.added}, already suppressed {done.known}, rejected {len(done.rejected)}",
        suppressed=done.added, known=done.known, rejected=[row._asdict() for row in done.rejected],
    )  # fmt: skip
    sys.exit(INVALID_INPUT if done.rejected else 0)


@feedback_group.command("lift")
@click.argument("email")
@click.option(
    "--mistaken",
    is_flag=True,
    help="The bounce was a mistake: a subscriber who had confirmed gets digests again.",
)
def lift(email: str, mistaken: bool) -> None:
    """Lift the suppression of an address. Without --mistaken, its owner must subscribe again."""
    p = parts()
    state = suppression.lift(
        p.db, parse_address(email), secret=p.settings.secret_key, mistaken=mistaken, now=p.clock()
    )
    report(f"{email} is {state}" if state else f"{email} may subscribe", email=email, state=state or None)


def _read_mailbox(p: Parts) -> None:
    if not p.settings.feedback_mailbox:
        raise SettingsError(
            "FEEDBACK_MAILBOX: is not set, and no PATH is given (example: imaps://user:pass@host/INBOX)"
        )
    folder = p.settings.var / OTHER_MAIL_FOLDER
    count = read_mailbox(
        p.db, p.settings.feedback_mailbox, p.feedback_policy(), other_mail_folder=folder, clock=p.clock
    )
    click.echo(f"read {count}")


def _mails(name: str) -> Iterator[tuple[str, bytes]]:
    """The mails at a path (standard input, a file, a Maildir, or a folder of files), each cut at `MAX_MAIL_BYTES`."""
    if name == "-":
        yield name, sys.stdin.buffer.read(MAX_MAIL_BYTES)
        return
    path = Path(name)
    folders = [path / part for part in ("new", "cur") if (path / part).is_dir()] or [path]
    files = (
        sorted(file for folder in folders for file in folder.iterdir() if file.is_file())
        if path.is_dir()
        else [path]
    )
    for file in files:
        with file.open("rb") as opened:
            yield str(file), opened.read(MAX_MAIL_BYTES)


def _line(p: Parts, file: str, raw: bytes, *, dry_run: bool) -> dict[str, object]:
    parsed, policy, now = classify_mail(raw), p.feedback_policy(), p.clock()
    origin = FeedbackOrigin("pipe" if file == "-" else "file")
    if not dry_run:
        folder = p.settings.var / OTHER_MAIL_FOLDER
        if file == "-":
            outcome = process_or_save(p.db, raw, policy, origin, other_mail_folder=folder, now=now)
        else:
            outcome = actions.apply_feedback(p.db, parsed, policy, origin, raw=raw, now=now)
        line = _as_json(file, replace(parsed, kind=outcome.kind), outcome.delivery_id)
        return line | {"readers": outcome.subscribers, "new": outcome.new, "stopped": outcome.stopped}
    if not identification.has_own_token(parsed, policy.keys, origin):
        return _as_json(file, parsed, None)  # without a look-up, so that no database is needed
    with p.db.read() as tx:
        kind, identified = actions.resolve_feedback(tx, parsed, policy.keys, origin, now=now)
    delivery_ids = [subscriber.delivery.id for subscriber in identified if subscriber.delivery]
    return _as_json(file, replace(parsed, kind=kind), delivery_ids[0] if delivery_ids else None)


def _as_json(file: str, parsed: ParsedFeedback, delivery_id: int | None) -> dict[str, object]:
    recipients = [
        {
            "address": recipient.address,
            "class": "hard" if recipient.hard else "soft",
            "status": recipient.status,
            "reason": recipient.reason,
        }
        for recipient in parsed.recipients
    ]
    return {"file": file, "kind": parsed.kind, "recipients": recipients, "delivery": delivery_id}


async def _until_stopped(handler: FeedbackSmtpHandler, host: str, port: int, protocol: str) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(
        serve(
            handler,
            host,
            port,
            protocol=protocol,
            on_ready=lambda actual_port: click.echo(f"listening on {host}:{actual_port}", err=True),
        )
    )
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        click.echo("stopped", err=True)

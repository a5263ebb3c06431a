"""`dateline sources`: where news comes from."""

import json
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

import click
from flask.cli import AppGroup

from digest import clock
from digest.articles import pruning, source_status
from digest.articles.ingest import poller, source_poll
from digest.articles.ingest.source_poll import PollReport
from digest.articles.store import articles
from digest.cli.reports import report
from digest.cli.row_ids import ROW_ID
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.regions.data_files import country_codes
from digest.sources import folder_moves, source_list
from digest.sources.documents import parse_document_isolated
from digest.sources.models import SourcePoll
from digest.sources.pure.folders import parse_folder
from digest.sources.pure.pages.feed_discovery import DiscoveredSource
from digest.sources.pure.text.markup import resolve_web_url
from digest.sources.states import PollOutcome, SourceState
from digest.sources.store import polls
from digest.sources.store import sources as store
from digest.task_names import TaskName
from digest.tasks import enqueue

LONGEST_POLL = timedelta(hours=1)  # after this, `sources poll` starts no more polls
MAX_DOCUMENT_BYTES = 10 * 1024 * 1024  # octets of a document, as when fetching

sources_group = AppGroup(
    "sources",
    help="Where news comes from: add, import, export, list, move, stop, start, remove, poll, polls, prune, parse.",
)


@sources_group.command("add")
@click.argument("url")
@click.option("--page", "as_page", is_flag=True, help="Use the page itself, not the feeds that it names.")
@click.option("--folder", default="", help="Put it in this folder, which need not exist yet: Asia/Central.")
def add(url: str, as_page: bool, folder: str) -> None:
    """Add a source by the URL of a feed, of a site that names a feed, or of a page that lists dated headlines.

    \b
    Example: dateline sources add https://news.example.org/
    """
    p, folder = parts(), parse_folder(folder)
    discovered = source_list.discover_source(p.ingest, url, kind="page" if as_page else "")
    if isinstance(discovered, tuple):
        choices = "\n".join(map(_choice, discovered))
        raise InvalidInputError(f"There are several sources at {url}; choose one:\n{choices}")
    source_id = source_list.add(p.db, discovered, p.clock(), folder=folder)
    polled = source_poll.poll_source(p.db, p.ingest, source_id, forced=True)
    new, held = (polled.new, polled.held) if polled else (0, 0)
    report(
        f"added {discovered.url}: {new} articles" + (f", {held} held for an editor" if held else ""),
        id=source_id, url=discovered.url, new=new, held=held,
    )  # fmt: skip


@sources_group.command("import")
@click.argument("opml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_opml(opml: Path) -> None:
    """Add all sources of an OPML file, in their folders. They are polled within a minute, or by `sources poll`."""
    p = parts()
    done = source_list.import_opml(p.db, opml.read_bytes(), p.clock(), countries=country_codes())
    report(
        f"added {done.added}, already present {done.already_present}",
        added=done.added,
        known=done.already_present,
    )
    if done.repeated:
        click.echo(f"{done.repeated} are in several folders; they are put in the first one", err=True)
    if done.skipped:
        click.echo(
            f"skipped {done.skipped}: the URL is not http or https, contains a password, or can't be read",
            err=True,
        )


@sources_group.command("export")
def export() -> None:
    """Print all sources with their folders as an OPML list, for `sources import` or another feed reader.

    \b
    Example: dateline sources export > sources.opml
    """
    p = parts()
    click.echo(source_list.export_opml(p.db, p.site_name).decode(), nl=False)


@sources_group.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--folder", default="", help="Only those in this folder or below it; / for those in none.")
def listing(form: str, folder: str) -> None:
    """List all sources with their status, those that need attention first."""
    p = parts()
    with p.db.read() as tx:
        rows = source_status.filter_statuses(source_status.list_statuses(tx, p.clock()), folder=folder)
    if form == "json":
        click.echo(json.dumps([row.as_json() for row in rows], indent=1, ensure_ascii=False))
        return
    for row in rows:
        source, health = row.source, row.health
        status = "; ".join(filter(None, (health.message, health.advice))) or "ok"
        click.echo(f"{source.id}\t{health.condition}\t{source.title or source.url}\t{source.url}\t{status}")
    if not rows:
        click.echo("no sources yet; to add one: dateline sources add URL", err=True)


@sources_group.command("move")
@click.argument("source_ids", type=ROW_ID, metavar="ID", nargs=-1, required=True)
@click.option(
    "--folder", required=True, help='A folder, which need not exist yet: Asia/Central; "" for none.'
)
def move(source_ids: tuple[int, ...], folder: str) -> None:
    """Put sources in a folder.

    \b
    Example: dateline sources move 3 7 --folder Asia/Central
    """
    p = parts()
    with p.db.read() as tx:
        for source_id in source_ids:
            store.by_id(tx, source_id)
    done = folder_moves.move(p.db, source_ids, folder)
    where = f'in the folder "{done.folder}"' if done.folder else "in no folder"
    report(f"{done.moved} moved; now {where}", moved=done.moved, folder=done.folder)


@sources_group.command("stop")
@click.argument("source_id", type=ROW_ID, metavar="ID")
def stop(source_id: int) -> None:
    """Stop polling a source. Its articles stay."""
    _set_state(source_id, SourceState.STOPPED)
    report(
        f"source {source_id} is stopped; `dateline sources start {source_id}` polls it again",
        source=source_id, state=SourceState.STOPPED,
    )  # fmt: skip


@sources_group.command("start")
@click.argument("source_id", type=ROW_ID, metavar="ID")
def start(source_id: int) -> None:
    """Poll a source again that was stopped. It is due at once, and its failures are forgotten."""
    _set_state(source_id, SourceState.ACTIVE)
    enqueue(TaskName.POLL_SOURCE, source_id, True)
    report(f"source {source_id} is polled again", source=source_id, state=SourceState.ACTIVE)


@sources_group.command("remove")
@click.argument("source_id", type=ROW_ID, metavar="ID")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def remove(source_id: int, yes: bool) -> None:
    """Delete a source and its articles. This can't be undone; `stop` keeps them."""
    p = parts()
    with p.db.read() as tx:
        source, count = store.by_id(tx, source_id), articles.count_of_source(tx, source_id)
    if not yes:
        click.confirm(f"Delete {source.title or source.url} and its {count:,} articles?", abort=True)
    with p.db.begin() as tx:
        store.delete_source(tx, source_id)
    report(f"deleted {source.url} and {count:,} articles", url=source.url, articles=count)


def _set_state(source_id: int, state: SourceState) -> None:
    p = parts()
    with p.db.begin() as tx:
        store.set_state(tx, source_id, state, p.clock())


@sources_group.command("poll")
@click.option("--all", "everything", is_flag=True, help="All active sources, not only those that are due.")
def poll(everything: bool) -> None:
    """Poll the sources that are due, in this process, with one request at a time to each host."""
    p = parts()
    if everything:
        with p.db.begin() as tx:
            store.make_due(tx, None, p.clock())
    until = p.clock() + LONGEST_POLL
    poller.poll_due_sources(
        p.db, p.ingest, concurrency=p.settings.poll_connections, until=until, on_report=_print_report
    )


def _print_report(polled: PollReport) -> None:
    held = f", {polled.held} held for an editor" if polled.held else ""
    counts = f"{polled.new} new, {polled.updated} updated{held}"
    report(
        f"{polled.url}: {polled.error or ('not modified' if polled.unchanged else counts)}",
        url=polled.url, error=polled.error, new=polled.new, updated=polled.updated, held=polled.held,
    )  # fmt: skip


@sources_group.command("polls")
@click.argument("source_id", type=ROW_ID, metavar="ID")
@click.option("--most", type=click.IntRange(1, 1000), default=50, show_default=True, help="Rows to print.")
@click.option(
    "--before", type=ROW_ID, default=None, metavar="ID", help="Only polls before this row of an earlier list."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_polls(source_id: int, most: int, before: int | None, form: str) -> None:
    """List the polls of a source of the last 30 days, the newest first.

    Polls in a row that ended alike and brought nothing are one row for each day in UTC. A row has its id, the time of
    its last poll, how many polls it stands for, and what became of them.
    """
    with parts().db.read() as tx:
        store.by_id(tx, source_id)
        rows = polls.page(tx, source_id, before=before, limit=most)[:most]
    if form == "json":
        click.echo(json.dumps([polls.as_json(row) for row in rows], indent=1, ensure_ascii=False))
        return
    for row in rows:
        seconds = f"{row.duration_ms / row.polls / 1000:.2f} s"
        times = f"{row.polls} poll" + ("s" if row.polls > 1 else "")
        click.echo(
            f"{row.id}\t{row.last_at:%Y-%m-%d %H:%M}\t{times}\t{row.status or '-'}\t{seconds}\t{_result(row)}"
        )


def _result(row: SourcePoll) -> str:
    if row.outcome == PollOutcome.READ:
        held = f", {row.held} held for an editor" if row.held else ""
        return f"{row.entries} entries: {row.new} new, {row.changed} updated{held}"
    return row.error or "not modified"


@sources_group.command("prune")
def prune() -> None:
    """Delete articles that are older than ARTICLE_DAYS and in no digest, as the worker does every hour."""
    p = parts()
    keep = timedelta(days=p.settings.article_days)
    pruned = pruning.prune(p.db, p.clock(), keep=keep)
    report(
        f"deleted {pruned.articles} articles and {pruned.stories} stories without articles",
        articles=pruned.articles,
        stories=pruned.stories,
    )


@sources_group.command("parse", with_appcontext=False)
@click.argument("file", type=click.File("rb"))
@click.option("--url", default="", help="The URL of the document, to make links absolute.")
@click.option("--content-type", default=None, help="The Content-Type of the response, for the encoding.")
def parse(file: BinaryIO, url: str, content_type: str | None) -> None:
    """Print what a document yields, as JSON. Fetches nothing and writes nothing.

    If it is neither a feed nor a page, the reason is printed and the exit status is 2.

    \b
    Example: dateline sources parse feed.xml --url https://news.example.org/feed.xml
    """
    if url and not resolve_web_url(url):
        raise click.BadParameter(f'"{url}" is not an address of a web page', param_hint="--url")
    parsed = parse_document_isolated(
        file.read(MAX_DOCUMENT_BYTES + 1), url=url, content_type=content_type, now=clock.now()
    )
    click.echo(json.dumps(parsed.as_json(), ensure_ascii=False, indent=1))


def _choice(source: DiscoveredSource) -> str:
    option = " --page" if source.kind == "page" else ""
    return f"  dateline sources add {source.url}{option}   # {source.kind}: {source.title}"

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
from digest.articles.ingest.source_poll import Polled
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.sources import source_list
from digest.sources.documents import read_safely
from digest.sources.pure.pages.feed_discovery import FoundFeed
from digest.sources.pure.text.markup import web_url
from digest.sources.store import sources as store

LONGEST_POLL = timedelta(hours=1)  # of one command
LARGEST = 10 * 1024 * 1024  # octets of a document, as when fetching

sources_group = AppGroup("sources", help="Where news comes from: add, import, list, poll, try out.")


@sources_group.command("add")
@click.argument("url")
@click.option("--page", "as_page", is_flag=True, help="Take the page itself, not the feeds that it names.")
def add(url: str, as_page: bool) -> None:
    """Add a source: the address of a feed, of a site that names one, or of a page that lists dated headlines.

    \b
    Example: dateline sources add https://news.example.org/
    """
    p = parts()
    found = source_list.find(p.reader, url, kind="page" if as_page else "")
    if isinstance(found, tuple):
        choices = "\n".join(map(_choice, found))
        raise InvalidInputError(f"There are several sources at {url}; choose one:\n{choices}")
    source_id = source_list.add(p.db, found, p.reader.clock())
    polled = source_poll.poll(p.db, p.reader, source_id, forced=True)
    held = f", {polled.held} held for an editor" if polled and polled.held else ""
    click.echo(f"added {found.url}: {polled.new if polled else 0} articles{held}")


@sources_group.command("import")
@click.argument("opml", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_opml(opml: Path) -> None:
    """Add all sources of an OPML file; they are read at the next tick of `beat`, or by `sources poll`."""
    p = parts()
    done = source_list.import_opml(p.db, opml.read_bytes(), p.reader.clock())
    click.echo(f"added {done.added}, known already {done.known}")
    if done.left_out:
        click.echo(
            f"left out {done.left_out}: the address is not http or https, holds a password, or can't be read",
            err=True,
        )


@sources_group.command("export")
def export() -> None:
    """Print all sources as an OPML list, for `sources import` or another feed reader.

    \b
    Example: dateline sources export > sources.opml
    """
    p = parts()
    click.echo(source_list.export_opml(p.db, p.settings.site_name).decode(), nl=False)


@sources_group.command("list")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def listing(form: str) -> None:
    """List all sources, those in trouble first."""
    p = parts()
    with p.db.read() as tx:
        rows = source_status.standings(tx, p.reader.clock())
    if form == "json":
        click.echo(json.dumps([row.as_json() for row in rows], indent=1, ensure_ascii=False))
        return
    for row in rows:
        source, health = row.source, row.health
        told = "; ".join(filter(None, (health.words, health.advice))) or "ok"
        click.echo(f"{source.id}\t{health.condition}\t{source.title or source.url}\t{source.url}\t{told}")
    if not rows:
        click.echo("no sources yet; to add one: dateline sources add URL", err=True)


@sources_group.command("poll")
@click.option("--all", "everything", is_flag=True, help="All active sources, not only those that are due.")
def poll(everything: bool) -> None:
    """Look at the sources that are due, here and now; each host's own, one after the other."""
    p = parts()
    if everything:
        with p.db.begin() as tx:
            store.hurry(tx, None, p.reader.clock())
    until = p.reader.clock() + LONGEST_POLL
    poller.read_due(p.db, p.reader, at_once=p.settings.poll_connections, until=until, tell=_tell)


def _tell(polled: Polled) -> None:
    held = f", {polled.held} held for an editor" if polled.held else ""
    news = f"{polled.new} new, {polled.updated} updated{held}"
    click.echo(f"{polled.url}: {polled.error or ('not modified' if polled.unchanged else news)}")


@sources_group.command("prune")
def prune() -> None:
    """Delete articles that are older than ARTICLE_DAYS and in no digest, as beat does every hour."""
    p = parts()
    keep = timedelta(days=p.settings.article_days)
    pruned = pruning.prune(p.db, p.reader.clock(), keep=keep)
    click.echo(f"deleted {pruned.articles} articles and {pruned.stories} stories that had none left")


@sources_group.command("parse", with_appcontext=False)
@click.argument("file", type=click.File("rb"))
@click.option("--url", default="", help="The address it came from, to make links absolute.")
@click.option("--content-type", default=None, help="The Content-Type it came with, for its encoding.")
def parse(file: BinaryIO, url: str, content_type: str | None) -> None:
    """Show as JSON what a document would yield. Fetches nothing and writes nothing.

    Exit status 2, with the reason, when it is neither a feed nor a page.

    \b
    Example: dateline sources parse feed.xml --url https://news.example.org/feed.xml
    """
    if url and not web_url(url):
        raise click.BadParameter(f'"{url}" is not an address of a web page', param_hint="--url")
    parsed = read_safely(file.read(LARGEST + 1), url=url, content_type=content_type, now=clock.now())
    click.echo(json.dumps(parsed.as_json(), ensure_ascii=False, indent=1))


def _choice(found: FoundFeed) -> str:
    option = " --page" if found.kind == "page" else ""
    return f"  dateline sources add {found.url}{option}   # {found.kind}: {found.title}"

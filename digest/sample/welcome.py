"""The `dateline sample` commands: they add and poll the sample sources, and send a sample digest."""

import click
from flask.cli import AppGroup, with_appcontext

from digest.articles.ingest import source_poll
from digest.deliveries.planning import manual_editions
from digest.deliveries.pure.audience import Audience
from digest.editions.store import editions
from digest.errors import ConflictError
from digest.parts import Parts, parts
from digest.sample.feeds import outlet_names
from digest.sources.store import sources
from digest.task_names import TaskName
from digest.tasks import enqueue

SAMPLE_REGIONS = ("central-asia", "south-caucasus", "ir")
SAMPLE_ADDRESS = "reader@dateline.example"

sample_group = AppGroup("sample", help="The bundled sample news (DATELINE_DEMO=0 leaves it out).")


@sample_group.command("welcome")
@with_appcontext
def welcome() -> None:
    """Add and poll the sample sources, and send one sample digest to the outbox. A second run sends nothing.

    `dateline up` runs it at every start, as soon as the site answers. A later run gives the sample sources their
    present URLs.
    """
    p = parts()
    with p.db.read() as tx:
        is_sent = editions.sample_digest(tx) is not None
    if is_sent:
        _move_sources(p)
        return
    if p.settings.smtp_url:
        click.echo("no sample news: SMTP_URL is set, and samples must not go to a real mail server")
        return
    for source_id in _add_sources(p):
        outcome = source_poll.poll_source(p.db, p.ingest, source_id)
        if outcome is not None:
            click.echo(f"{outcome.url}: {outcome.error or f'{outcome.new} articles'}")
    if _send(p):
        enqueue(TaskName.SEND_DELIVERIES)
        click.echo(f"sample digest to {SAMPLE_ADDRESS}: {p.settings.base_url}/outbox")


def _add_sources(p: Parts) -> list[int]:
    """Add the sample sources that are missing; returns the IDs of all."""
    now = p.clock()
    with p.db.begin() as tx:
        return [
            (sources.find_by_url(tx, url) or sources.add(tx, url, "", now)).id
            for url in _source_urls(p).values()
        ]


def _move_sources(p: Parts) -> None:
    """Give the sample sources their present URLs, because the site may now be on another port.

    A sample source that an editor has deleted stays deleted.
    """
    now = p.clock()
    with p.db.begin() as tx:
        for path, url in _source_urls(p).items():
            sources.move_sample_source(tx, path, url, now)


def _source_urls(p: Parts) -> dict[str, str]:
    """The URLs of the sample feeds by their paths."""
    paths = [f"/sample/{outlet}.xml" for outlet in outlet_names()]
    return {path: p.settings.base_url + path for path in paths}


def _send(p: Parts) -> bool:
    """Plan the sample digest; returns whether there is one to send."""
    audience = Audience("address", SAMPLE_REGIONS, SAMPLE_ADDRESS)
    try:
        manual_editions.send_test(
            p.db, p.planner(), audience, note="", now=p.clock(), idempotency_key=editions.SAMPLE_SLOT
        )
    except ConflictError as error:
        click.echo(str(error), err=True)
        return False
    return True

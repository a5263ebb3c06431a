"""The first minute: the sample sources are added and read, and one sample digest goes out."""

import click
from flask.cli import AppGroup, with_appcontext

from digest.articles.ingest import source_poll
from digest.deliveries.planning import manual_editions
from digest.deliveries.pure.audience import Audience
from digest.editions.store import editions
from digest.errors import ConflictError
from digest.parts import Parts, parts
from digest.sources.store import sources
from digest.tasks import say

OUTLETS = ("caravan", "lantern", "harbour")
REGIONS = ("central-asia", "south-caucasus", "ir")
READER = "reader@dateline.example"

sample_group = AppGroup("sample", help="The bundled sample news (DATELINE_DEMO=0 leaves it out).")


@sample_group.command("welcome")
@with_appcontext
def welcome() -> None:
    """Add and read the sample sources, and send one sample digest to the outbox. Done again, it changes nothing.

    `dateline up` runs it at every start, once the site answers.
    """
    p = parts()
    if p.settings.smtp_url and not _sent(p):
        click.echo("no sample news: SMTP_URL is set, and a real mail server is not for samples")
        return
    for source_id in _sources(p):
        polled = source_poll.poll(p.db, p.reader, source_id)
        if polled is not None:
            click.echo(f"{polled.url}: {polled.error or f'{polled.new} articles'}")
    if _send(p):
        say("deliveries.send")
        click.echo(f"sample digest to {READER}: {p.settings.base_url}/outbox")


def _sources(p: Parts) -> list[int]:
    """The sample sources' ids; added when the sample has never been sent (so that a deleted one stays deleted).

    Later starts may be on another port: the sources that are still there go along.
    """
    now = p.reader.clock()
    urls = [f"{p.settings.base_url}/sample/{outlet}.xml" for outlet in OUTLETS]
    with p.db.begin() as tx:
        if editions.sample_digest(tx) is not None:
            for outlet, url in zip(OUTLETS, urls, strict=True):
                sources.move(tx, f"/sample/{outlet}.xml", url, now)
            return []
        return [(sources.by_url(tx, url) or sources.add(tx, url, "", now)).id for url in urls]


def _sent(p: Parts) -> bool:
    with p.db.read() as tx:
        return editions.sample_digest(tx) is not None


def _send(p: Parts) -> bool:
    audience = Audience("address", REGIONS, READER)
    if _sent(p):
        return False
    try:
        manual_editions.send_test(
            p.db, p.planner(), audience, note="", now=p.reader.clock(), slot=editions.SAMPLE_SLOT
        )
    except ConflictError as error:
        click.echo(str(error), err=True)
        return False
    return True

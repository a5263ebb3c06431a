"""The `dateline regions exclusions` commands: words that never mean a country."""

import json
from typing import Any

import click
from flask.cli import AppGroup

from digest.articles import exclusion_changes as exclusions
from digest.articles.store import exclusions as uses_store
from digest.articles.store.exclusions import ExclusionUses
from digest.cli.audited import command_actor
from digest.cli.reports import report
from digest.cli.row_ids import ROW_ID
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.regions.custom_groups import ChangeAuthor
from digest.regions.models import TagExclusion
from digest.regions.pure.exclusions import Exclusion
from digest.regions.store import exclusions as store

exclusions_group = AppGroup("exclusions", help="Words that never mean a country: list, add, remove.")


@exclusions_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def listing(as_json: bool) -> None:
    """List the words, their country and source, and in how many stored articles they did not count."""
    with parts().db.read() as tx:
        rows = store.rows(tx)
        uses = uses_store.uses(tx, [row.id for row in rows])
    for row in rows:
        values = _as_json(row, uses.get(row.id))
        if as_json:
            click.echo(json.dumps(values, ensure_ascii=False))
            continue
        scope = f"in source {row.source_id}" if row.source_id else "in all sources"
        forms = ", in all its forms" if row.base_kind else ""
        click.echo(
            f'{row.id}  "{row.words}" never means {row.country} {scope}{forms}: {values["articles"]} articles'
        )


@exclusions_group.command("add")
@click.argument("words")
@click.argument("country")
@click.option(
    "--source", "source_id", type=ROW_ID, default=None, help="Id of the one source; default: all sources."
)
def add(words: str, country: str, source_id: int | None) -> None:
    """Say that WORDS never mean COUNTRY (ISO code). Articles that no digest has had are tagged again.

    \b
    Example: dateline regions exclusions add "Georgia Bulldogs" GE
    """
    p, code = parts(), country.upper()
    if code not in p.tree.get("world").countries:
        raise InvalidInputError(f'"{country}" is not a country code (example: GE)')
    author = ChangeAuthor(command_actor().name, p.clock())
    change = exclusions.add(p.db, p.ingest.tagger, Exclusion(0, words, code, source_id), author)
    tagged = change.tagged + exclusions.tag_all_waiting(p.db, p.ingest.tagger, p.clock())
    report(
        f'"{change.exclusion.words}" never means {code} now; {tagged} articles were tagged again',
        id=change.exclusion.id, words=change.exclusion.words, country=code, source=source_id, tagged=tagged,
    )  # fmt: skip


@exclusions_group.command("remove")
@click.argument("exclusion_id", type=ROW_ID)
def remove(exclusion_id: int) -> None:
    """Let words mean a country again. Articles that no digest has had are tagged again.

    \b
    Example: dateline regions exclusions remove 3
    """
    p = parts()
    change = exclusions.remove(p.db, p.ingest.tagger, exclusion_id, p.clock())
    tagged = change.tagged + exclusions.tag_all_waiting(p.db, p.ingest.tagger, p.clock())
    row = change.exclusion
    report(
        f'"{row.words}" can mean {row.country} again; {tagged} articles were tagged again',
        id=row.id, words=row.words, country=row.country, source=row.source_id, tagged=tagged,
    )  # fmt: skip


def _as_json(row: TagExclusion, used: ExclusionUses | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "words": row.words,
        "country": row.country,
        "source": row.source_id,
        "all_forms": bool(row.base_kind),
        "articles": used.articles if used else 0,
        "last_article_at": used.last_seen_at.isoformat() if used else None,
        "added_at": row.added_at.isoformat(),
        "added_by": row.added_by,
    }

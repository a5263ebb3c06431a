"""`dateline regions`: what a text is about, and which regions there are."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from digest.cli.jsonlines import lines, read, text_of
from digest.errors import InvalidInputError
from digest.regions import gazetteer, tree
from digest.regions.tagging import Tag, Tagger

BAD_INPUT = 2  # exit status
INDENT = "  "


@click.group("regions")
def regions_group() -> None:
    """Tag texts with countries, and list the regions readers can choose.

    \b
    Example: echo '{"id":"1","title":"Snow in Almaty","text":""}' | dateline regions tag
    """


@regions_group.command()
def tag() -> None:
    """Tag JSON lines from standard input with the countries they are about.

    A line in is {"id", "title", "text", "home"?}, where `home` is the source's country (ISO code), a hint; a line
    out is {"id", "countries", "primary", "evidence"}, best country first, [] and null if about none. A line that
    is wrong is reported on standard error, the others are tagged, and the exit status is 2.

    \b
    Example:
      $ echo '{"id":"1","title":"Snow in Almaty","text":""}' | dateline regions tag
      {"id": "1", "countries": ["KZ"], "primary": "KZ",
       "evidence": [{"country": "KZ", "where": "title", "words": "Almaty"}]}
    """
    tagger = gazetteer.tagger()
    bad = False
    for number, line in lines(sys.stdin.buffer):
        try:
            click.echo(json.dumps(_tag_line(tagger, line)))
        except InvalidInputError as error:
            bad = True
            click.echo(f"line {number}: {error}", err=True)
    if bad:
        raise SystemExit(BAD_INPUT)


@regions_group.command("list")
@click.option(
    "--lang", default="en", show_default=True, help="Language of the names, as CLDR writes it: ru, pt-BR."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def list_regions(lang: str, form: str) -> None:
    """List all regions as a tree, each with the slug that other commands and links take.

    \b
    Example: dateline regions list --lang ru
    """
    regions = tree.load()
    if form == "json":
        rows = [
            {
                "slug": region.slug,
                "kind": region.kind,
                "parent": region.parent,
                "name": regions.name(region.slug, lang),
                "countries": sorted(region.countries),
            }
            for region in regions.all()
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for depth, region in _outline(regions, "world", 0):
        held = f": {' '.join(sorted(region.countries))}" if region.kind == "group" else ""
        click.echo(f"{INDENT * depth}{regions.name(region.slug, lang)} [{region.slug}]{held}")


@regions_group.command()
@click.argument("text")
@click.option("--title", default="", help="The headline, which weighs more than the text.")
@click.option("--home", default=None, help="The source's country (ISO code), a hint.")
def explain(text: str, title: str, home: str | None) -> None:
    """Show which countries TEXT is about, and which words say so.

    \b
    Example:
      $ dateline regions explain "ALMATY, Jan 11 - Kazakh police said the unrest was over."
      1.00  KZ  Kazakhstan: dateline "ALMATY", lead "Kazakh"
    """
    tags = gazetteer.tagger().tag(title, text, home=home.upper() if home else None)
    if not tags:
        click.echo("About no country.")
    regions = tree.load()
    for found in tags:
        reasons = ", ".join(
            f'{evidence.where} "{" ".join(evidence.words.split())}"' for evidence in found.evidence
        )
        name = regions.name(found.country.lower())
        click.echo(f"{found.weight:.2f}  {found.country}  {name}: {reasons}")


def _tag_line(tagger: Tagger, line: bytes) -> dict[str, Any]:
    entry = read(line)
    tags = tagger.tag(
        text_of(entry, "title"), text_of(entry, "text"), home=text_of(entry, "home").upper() or None
    )
    return {
        "id": entry["id"],
        "countries": [found.country for found in tags],
        "primary": tags[0].country if tags else None,
        "evidence": [row for found in tags for row in _evidence(found)],
    }


def _evidence(found: Tag) -> Iterator[dict[str, str]]:
    for evidence in found.evidence:
        yield {"country": found.country, "where": evidence.where, "words": evidence.words}


def _outline(regions: tree.RegionTree, slug: str, depth: int) -> Iterator[tuple[int, tree.Region]]:
    yield depth, regions.get(slug)
    for child in regions.children(slug):
        yield from _outline(regions, child.slug, depth + 1)

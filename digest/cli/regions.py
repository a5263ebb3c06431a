"""`dateline regions`: what a text is about, and which regions there are."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from babel import Locale, UnknownLocaleError
from flask.cli import with_appcontext

from digest.articles import corrections
from digest.cli.json_lines import LONGEST_LINE, lines, read, text_of
from digest.errors import InvalidInputError, UnavailableError
from digest.parts import parts
from digest.regions import gazetteer
from digest.regions.pure.highlighting import Piece, pieces
from digest.regions.pure.mentions import Mention
from digest.regions.pure.tagger import LONGEST_TEXT, LONGEST_TITLE, MOST_EVIDENCE, Tag, Tagger
from digest.regions.tree import region_tree

BAD_INPUT = 2  # exit status
INDENT = "  "
WIDEST_PLACE, WIDEST_KIND = 8, 10  # characters: "dateline", "government"


def _country(_context: click.Context, _option: click.Parameter, code: str | None) -> str | None:
    if code is not None and code.upper() not in region_tree.load().get("world").countries:
        raise click.BadParameter(f'"{code}" is no country; give its ISO code (example: --home KZ)')
    return code and code.upper()


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
@click.option(
    "--search", default="", help="Only what readers find who look for this: a name, a people, a capital."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@with_appcontext
def list_regions(lang: str, search: str, form: str) -> None:
    """List the regions readers can choose, as a tree, each with the slug that other commands and links take.

    \b
    Example: dateline regions list --lang ru
             dateline regions list --search Tashkent
    """
    try:
        Locale.parse(lang, sep="-" if "-" in lang else "_")
    except (ValueError, UnknownLocaleError):
        raise InvalidInputError(f'--lang: "{lang}" is no language that CLDR knows (example: pt-BR)') from None
    regions = _newest_tree()
    found = (
        [(0, region) for region in regions.search(search, lang)] if search else _outline(regions, "world", 0)
    )
    if form == "json":
        rows = [_row(regions, region, lang) for _, region in found]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for depth, region in found:
        held = f": {' '.join(sorted(region.countries))}" if region.kind == "group" else ""
        click.echo(f"{INDENT * depth}{regions.name(region.slug, lang)} [{region.slug}]{held}")


@regions_group.command()
@click.argument("text")
@click.option("--title", default="", help="The headline, which weighs more than the text.")
@click.option("--home", default=None, callback=_country, help="The source's country (ISO code), a hint.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def explain(text: str, title: str, home: str | None, as_json: bool) -> None:
    """Show which countries TEXT is about (- reads it from standard input), and which words say so.

    A country's weight is its share of the best one's. A reason is where the words stand, what they are, and the words.
    Countries that weigh too little to be tags are said to be in passing.

    \b
    Example:
      $ dateline regions explain "TASHKENT, Jan 11 - Uzbek police said the road was open."
      [TASHKENT|UZ], Jan 11 - [Uzbek|UZ] police said the road was open.
      1.00  UZ  Uzbekistan
            dateline  capital     TASHKENT
            lead      demonym     Uzbek
    """
    text = sys.stdin.buffer.read(LONGEST_LINE).decode("utf-8", "replace") if text == "-" else text
    tagger = gazetteer.tagger()
    tags = tagger.tag(title, text, home=home)
    if as_json:
        click.echo(json.dumps([_told(found) for found in tags], ensure_ascii=False, indent=1))
        return
    meaning = {reason.words: found.country for found in reversed(tags) for reason in found.evidence}
    for part in filter(None, (title, text.rstrip("\n"))):
        click.echo("".join(_marked(piece) for piece in pieces(part, meaning)))
    for line in (
        *_reasons(tags),
        *_in_passing(tagger.mentions(title[:LONGEST_TITLE], text[:LONGEST_TEXT], home), tags),
    ):
        click.echo(line)


@regions_group.command("corrections")
@with_appcontext
def print_corrections() -> None:
    """Print what editors corrected as JSON lines: what `regions tag` reads, with the countries it should find.

    \b
    Example: dateline regions corrections > corrections.jsonl
             dateline regions tag < corrections.jsonl > tags.jsonl
    """
    with parts().db.read() as tx:
        for case in corrections.cases(tx):
            click.echo(json.dumps(case, ensure_ascii=False))


def _newest_tree() -> region_tree.RegionTree:
    """The tree with what editors made of it; as it comes with the program where there is no database yet."""
    p = parts()
    try:
        if not p.db.pending_migrations():
            p.fresh()
    except UnavailableError as error:
        click.echo(f"Without what editors changed: {error}", err=True)
    return p.tree


def _row(regions: region_tree.RegionTree, region: region_tree.Region, lang: str) -> dict[str, Any]:
    row = {
        "slug": region.slug,
        "kind": region.kind,
        "parent": region.parent,
        "name": regions.name(region.slug, lang),
        "countries": sorted(region.countries),
    }
    return row | ({"source": regions.group(region.slug).source} if region.kind == "group" else {})


def _reasons(tags: Sequence[Tag]) -> Iterator[str]:
    if not tags:
        yield "About no country."
    regions = region_tree.load()
    for found in tags:
        yield f"{found.weight:.2f}  {found.country}  {regions.name(found.country.lower())}"
        for reason in found.evidence:
            words = " ".join(reason.words.split())
            yield f"      {reason.where:<{WIDEST_PLACE}}  {reason.kind:<{WIDEST_KIND}}  {words}"


def _in_passing(mentions: Sequence[Mention], tags: Sequence[Tag]) -> Iterator[str]:
    """The countries that words speak for, but too few to make a tag."""
    words: dict[str, dict[str, None]] = {}
    for mention in mentions:
        if mention.country not in {found.country for found in tags}:
            said = mention.text[mention.start : mention.end].strip(" ,(")
            words.setdefault(mention.country, {}).setdefault(said)
    if words:
        yield "In passing: " + ", ".join(
            f"{country} ({', '.join(list(said)[:MOST_EVIDENCE])})" for country, said in sorted(words.items())
        )


def _marked(piece: Piece) -> str:
    return click.style(f"[{piece.text}|{piece.country}]", bold=True) if piece.country else piece.text


def _told(found: Tag) -> dict[str, Any]:
    reasons = [{"where": e.where, "kind": e.kind, "words": e.words} for e in found.evidence]
    return {"country": found.country, "weight": round(found.weight, 4), "evidence": reasons}


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


def _outline(
    regions: region_tree.RegionTree, slug: str, depth: int
) -> Iterator[tuple[int, region_tree.Region]]:
    yield depth, regions.get(slug)
    for child in regions.children(slug):
        yield from _outline(regions, child.slug, depth + 1)

"""The `dateline regions` commands: tag texts with countries, and list the regions."""

import json
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import click
from babel import Locale, UnknownLocaleError
from flask.cli import with_appcontext

from digest.articles import moderation
from digest.cli.exclusions import exclusions_group
from digest.cli.json_lines import MAX_LINE_OCTETS, process_lines, text_field
from digest.errors import InvalidInputError, UnavailableError
from digest.parts import parts
from digest.regions import gazetteer
from digest.regions.pure.evidence import MOST_EVIDENCE, Evidence
from digest.regions.pure.group_tags import GroupTag
from digest.regions.pure.highlighting import TextSpan, countries_by_words, highlight
from digest.regions.pure.mentions import Mention
from digest.regions.pure.tagger import LONGEST_TEXT, LONGEST_TITLE, Tag, Tagger
from digest.regions.tree import region_tree
from digest.regions.tree.region_tree import Region, RegionTree

INDENT = "  "
TEXT_PART_WIDTH, KIND_WIDTH = 8, 10  # characters; the longest values are "dateline" and "government"


def _parse_country(_context: click.Context, _option: click.Parameter, code: str | None) -> str | None:
    """The option's country code in capitals. Raises BadParameter for an unknown one."""
    if code is not None and code.upper() not in region_tree.load().get("world").countries:
        raise click.BadParameter(f'"{code}" is not a country code (example: --home KZ)')
    return code and code.upper()


@click.group("regions")
def regions_group() -> None:
    """Tag texts with countries, and list the regions that subscribers can choose.

    \b
    Example: echo '{"id":"1","title":"Snow in Almaty","text":""}' | dateline regions tag
    """


regions_group.add_command(exclusions_group)


@regions_group.command()
def tag() -> None:
    """Tag JSON lines from standard input with the countries they are about.

    An input line is {"id", "title", "text", "home"?}; `home` is the source's country (ISO code), a hint. An output
    line is {"id", "countries", "primary", "groups", "evidence"}, the best country first; [] and null if the text is
    about none. `groups` are the slugs of the groups that the text is about as a whole, such as "eu".
    An invalid line is reported on standard error. The other lines are tagged, and the exit status is 2.

    \b
    Example:
      $ echo '{"id":"1","title":"Snow in Almaty","text":""}' | dateline regions tag
      {"id": "1", "countries": ["KZ"], "primary": "KZ", "groups": [],
       "evidence": [{"country": "KZ", "where": "title", "words": "Almaty"}]}
    """
    tagger = gazetteer.tagger()
    status = process_lines(
        sys.stdin.buffer, lambda _number, entry: click.echo(json.dumps(_tag_entry(tagger, entry)))
    )
    sys.exit(status)


@regions_group.command("list")
@click.option("--lang", default="en", show_default=True, help="Language of the names, as in CLDR: ru, pt-BR.")
@click.option("--search", default="", help="Only regions that a search for a name, demonym or capital finds.")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@with_appcontext
def list_regions(lang: str, search: str, output_format: str) -> None:
    """List the regions that subscribers can choose, as a tree, with the slugs that other commands and links use.

    \b
    Example: dateline regions list --lang ru
             dateline regions list --search Tashkent
    """
    try:
        Locale.parse(lang, sep="-" if "-" in lang else "_")
    except (ValueError, UnknownLocaleError):
        raise InvalidInputError(f'--lang: CLDR has no language "{lang}" (example: pt-BR)') from None
    tree = _current_tree()
    listed = (
        [(0, region) for region in tree.search(search, lang)] if search else _with_depth(tree, "world", 0)
    )
    if output_format == "json":
        rows = [_region_row(tree, region, lang) for _, region in listed]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for depth, region in listed:
        countries = f": {' '.join(sorted(region.countries))}" if region.kind == "group" else ""
        click.echo(f"{INDENT * depth}{tree.name(region.slug, lang)} [{region.slug}]{countries}")


@regions_group.command()
@click.argument("text")
@click.option("--title", default="", help="The headline, which weighs more than the text.")
@click.option(
    "--home", default=None, callback=_parse_country, help="The source's country (ISO code), a hint."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(text: str, title: str, home: str | None, as_json: bool) -> None:
    """Show which countries TEXT is about and why. With -, TEXT is read from standard input.

    A country's weight is its share of the best country's weight. Below it are the part of the text, the kind, and the
    words that speak for it. Countries with too little weight for a tag are listed as "in passing".

    \b
    Example:
      $ dateline regions explain "TASHKENT, Jan 11 - Uzbek police said the road was open."
      [TASHKENT|UZ], Jan 11 - [Uzbek|UZ] police said the road was open.
      1.00  UZ  Uzbekistan
            dateline  capital     TASHKENT
            lead      demonym     Uzbek
    """
    text = sys.stdin.buffer.read(MAX_LINE_OCTETS).decode("utf-8", "replace") if text == "-" else text
    tagger = gazetteer.tagger()
    tags, groups, _exclusions = tagger.tag_regions(title, text, home=home)
    if as_json:
        click.echo(json.dumps([*map(_tag_row, tags), *map(_tag_row, groups)], ensure_ascii=False, indent=1))
        return
    country_by_words = countries_by_words(tags)
    for part in filter(None, (title, text.rstrip("\n"))):
        click.echo("".join(_format_span(span) for span in highlight(part, country_by_words)))
    mentions = tagger.find_mentions(title[:LONGEST_TITLE], text[:LONGEST_TEXT], home)
    for line in (*_tag_lines(tags), *_group_lines(groups), *_in_passing(mentions, tags)):
        click.echo(line)


@regions_group.command("corrections")
@with_appcontext
def print_corrections() -> None:
    """Print editors' corrections as JSON lines: the input of `regions tag` with the countries it should find.

    \b
    Example: dateline regions corrections > corrections.jsonl
             dateline regions tag < corrections.jsonl > tags.jsonl
    """
    with parts().db.read() as tx:
        for case in moderation.export_corrections(tx):
            click.echo(json.dumps(case, ensure_ascii=False))


def _current_tree() -> RegionTree:
    """The tree with editors' changes; the bundled tree if there is no database yet."""
    p = parts()
    try:
        if not p.db.pending_migrations():
            p.refresh_regions()
    except UnavailableError as error:
        click.echo(f"Editors' changes are missing: {error}", err=True)
    return p.tree


def _region_row(tree: RegionTree, region: Region, lang: str) -> dict[str, Any]:
    row = {
        "slug": region.slug,
        "kind": region.kind,
        "parent": region.parent,
        "name": tree.name(region.slug, lang),
        "countries": sorted(region.countries),
    }
    return row | ({"source": tree.group(region.slug).source} if region.kind == "group" else {})


def _tag_lines(tags: Sequence[Tag]) -> Iterator[str]:
    """Each tag with its evidence below it."""
    if not tags:
        yield "About no country."
    tree = region_tree.load()
    for tag in tags:
        yield f"{tag.weight:.2f}  {tag.country}  {tree.name(tag.country.lower())}"
        yield from _evidence_lines(tag.evidence)


def _group_lines(groups: Sequence[GroupTag]) -> Iterator[str]:
    """Each group with its evidence below it."""
    tree = region_tree.load()
    for tag in groups:
        yield f"{tag.weight:.2f}  {tag.group}  {tree.name(tag.group)}"
        yield from _evidence_lines(tag.evidence)


def _evidence_lines(evidence: Sequence[Evidence]) -> Iterator[str]:
    for item in evidence:
        words = " ".join(item.words.split())
        yield f"      {item.where:<{TEXT_PART_WIDTH}}  {item.kind:<{KIND_WIDTH}}  {words}"


def _in_passing(mentions: Sequence[Mention], tags: Sequence[Tag]) -> Iterator[str]:
    """A line with the countries that are mentioned but are not tags, and their words."""
    tagged = {tag.country for tag in tags}
    words_by_country: dict[str, dict[str, None]] = {}  # the inner dict is an ordered set
    for mention in mentions:
        if mention.country not in tagged:
            words_by_country.setdefault(mention.country, {}).setdefault(mention.words(mention.text))
    if words_by_country:
        yield "In passing: " + ", ".join(
            f"{country} ({', '.join(list(words)[:MOST_EVIDENCE])})"
            for country, words in sorted(words_by_country.items())
        )


def _format_span(span: TextSpan) -> str:
    return click.style(f"[{span.text}|{span.country}]", bold=True) if span.country else span.text


def _tag_row(tag: Tag | GroupTag) -> dict[str, Any]:
    evidence = [{"where": e.where, "kind": e.kind, "words": e.words} for e in tag.evidence]
    about = {"country": tag.country} if isinstance(tag, Tag) else {"group": tag.group}
    return {**about, "weight": round(tag.weight, 4), "evidence": evidence}


def _tag_entry(tagger: Tagger, entry: dict[str, Any]) -> dict[str, Any]:
    """The output line of `tag` for an input line. Raises InvalidInputError."""
    home = text_field(entry, "home").upper() or None
    tags, groups, _exclusions = tagger.tag_regions(
        text_field(entry, "title"), text_field(entry, "text"), home=home
    )
    return {
        "id": entry["id"],
        "countries": [tag.country for tag in tags],
        "primary": tags[0].country if tags else None,
        "groups": [tag.group for tag in groups],
        "evidence": [
            {"country": tag.country, "where": evidence.where, "words": evidence.words}
            for tag in tags
            for evidence in tag.evidence
        ],
    }


def _with_depth(tree: RegionTree, slug: str, depth: int) -> Iterator[tuple[int, Region]]:
    """A region and all below it in tree order, each with its depth."""
    yield depth, tree.get(slug)
    for child in tree.children(slug):
        yield from _with_depth(tree, child.slug, depth + 1)

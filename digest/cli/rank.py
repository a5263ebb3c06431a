"""`dateline editions rank`: what digests would show of articles that are in no database."""

import json
import sys
from collections.abc import Sequence
from typing import Any

import click

from digest.articles.states import HARD_NEWS, ArticleKind, Kinds
from digest.cli.json_lines import process_lines, text_field, text_list_field
from digest.cli.moments import parse_moment
from digest.editions.pure.article_ranking import RankedArticles, rank_articles
from digest.editions.pure.article_stories import RankingRequest, RawArticle
from digest.editions.pure.ranking import Contribution
from digest.errors import InvalidInputError, NotFoundError
from digest.regions import gazetteer
from digest.regions.tree import region_tree
from digest.regions.tree.region_tree import RegionTree

ALL_KINDS = "all"
POINTS_DIGITS = 4


@click.command("rank")
@click.option("--regions", required=True, help="Slugs, ISO codes or names, separated by commas.")
@click.option("--at", required=True, help="The end of the window of 24 hours (ISO 8601).")
@click.option(
    "--most", default=15, show_default=True, type=click.IntRange(1, 200), help="Stories of each region."
)
@click.option(
    "--kinds",
    default="",
    help=f'"{ALL_KINDS}", or kinds besides hard news, separated by commas: sport, opinion, culture.',
)
def rank(regions: str, at: str, most: int, kinds: str) -> None:
    """Rank articles, read as JSON lines from standard input, as digests would show them.

    An input line is {"id", "source", "title", "text", "seen_at", "published"?, "home"?, "position"?, "language"?,
    "url"?, "categories"?}. `home` is the country of a national source (ISO code), `position` its place in the source's
    own order (1 is the top). An output line for each region is {"region", "stories": [{"rank", "lead", "articles",
    "score", "why"}]}, best first: the stories that are new in the 24 hours before --at. `why` has the reasons and their
    points, which add up to the score. An invalid line is reported on standard error; the others are ranked, and the
    exit status is 2. Uses no database, no clock and no network.

    \b
    Example: dateline editions rank --regions world,central-asia --at 2026-08-04T18:00:00Z < articles.jsonl
    """
    tree = region_tree.load()
    slugs = _regions(regions, tree)
    request = RankingRequest(parse_moment(at, "--at"), most, _parse_kinds(kinds))
    ids: dict[int, Any] = {}
    articles: list[RawArticle] = []

    def read(number: int, entry: dict[str, Any]) -> None:
        articles.append(_parse_article(number, entry))
        ids[number] = entry["id"]

    status = process_lines(sys.stdin.buffer, read)
    countries = {slug: tree.countries_and_groups(slug) for slug in slugs}
    for region, stories in rank_articles(articles, countries, request, gazetteer.tagger()).items():
        click.echo(json.dumps({"region": region, "stories": _rows(stories, ids)}, ensure_ascii=False))
    sys.exit(status)


def _regions(names: str, tree: RegionTree) -> Sequence[str]:
    """The slugs of regions in the order in which they are named. Raises InvalidInputError."""
    try:
        slugs = [tree.resolve(name).slug for name in names.split(",") if name.strip()]
    except NotFoundError as error:
        raise InvalidInputError(f"--regions: {error}") from error
    if not slugs:
        raise InvalidInputError("--regions: name at least one region (example: world,central-asia)")
    return list(dict.fromkeys(slugs))


def _parse_kinds(text: str) -> Kinds | None:
    """The kinds that digests show; None for all. Raises InvalidInputError."""
    if text.strip() == ALL_KINDS:
        return None
    names = {name.strip() for name in text.split(",") if name.strip()}
    unknown = names - set(ArticleKind)
    if unknown:
        raise InvalidInputError(
            f'--kinds: "{min(unknown)}" is no kind; there is {", ".join(ArticleKind)}, and {ALL_KINDS}'
        )
    return HARD_NEWS | {ArticleKind(name) for name in names}


def _parse_article(number: int, entry: dict[str, Any]) -> RawArticle:
    """The article of a line. Raises InvalidInputError."""
    published = text_field(entry, "published")
    source = text_field(entry, "source")
    if not source:
        raise InvalidInputError('no "source" (the name of who published it)')
    return RawArticle(
        key=number,
        source=source,
        title=text_field(entry, "title"),
        text=text_field(entry, "text"),
        seen_at=parse_moment(text_field(entry, "seen_at"), '"seen_at"'),
        published_at=parse_moment(published, '"published"') if published else None,
        home=text_field(entry, "home").upper(),
        position=_position(entry.get("position")),
        language=text_field(entry, "language"),
        url=text_field(entry, "url"),
        categories=tuple(text_list_field(entry, "categories")),
    )


def _position(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidInputError(f'"position": {json.dumps(value)[:40]} is no place (1 is the top)')
    return value


def _rows(stories: Sequence[RankedArticles], ids: dict[int, Any]) -> list[dict[str, Any]]:
    return [
        {
            "rank": place,
            "lead": ids[story.lead],
            "articles": [ids[key] for key in story.articles],
            "score": round(story.points, POINTS_DIGITS),
            "why": [_why_row(contribution) for contribution in story.why],
        }
        for place, story in enumerate(stories, start=1)
    ]


def _why_row(contribution: Contribution) -> dict[str, Any]:
    row: dict[str, Any] = {
        "reason": contribution.reason,
        "points": round(contribution.points, POINTS_DIGITS),
    }
    return row | ({"number": contribution.number} if contribution.number else {})

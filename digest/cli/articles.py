"""`dateline articles`: which articles report the same event, and what kind of piece each is."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import click
from flask.cli import with_appcontext

from digest.articles import moderation
from digest.articles.pure.article_kinds import KindInput, classify
from digest.articles.pure.clustering import ClusterItem, cluster, pair_threshold, score_pairs
from digest.articles.pure.duplicate_keys import text_key, title_key
from digest.articles.pure.shown_story import STORY_WINDOW
from digest.articles.pure.similarity import SimilarityIndex, Terms, weigh_terms
from digest.cli.json_lines import process_lines, text_field, text_list_field
from digest.errors import InvalidInputError
from digest.parts import parts

BATCH_WINDOW = timedelta(
    minutes=15
)  # articles seen within it are placed together, like those of one round of polls


@click.group("articles")
def articles_group() -> None:
    """Find out which articles report the same event, and what kind of piece each is.

    \b
    Example: dateline articles group < articles.jsonl
    """


@articles_group.command("group")
def group_articles() -> None:
    """Group articles, read as JSON lines from standard input, into stories.

    An input line is {"id", "title", "text", "seen_at"?, "source"?}. An output line is {"id", "story"}; a story has the
    id of its first article. Without `seen_at` (ISO 8601), all articles are placed together. With it, they are placed
    in the order of `seen_at`, and a story takes new articles for 48 hours. Two articles of one `source` are never in
    one story, unless they are identical. An invalid line is reported on standard error; the others are grouped, and
    the exit status is 2.

    \b
    Example:
      $ printf '%s\\n' '{"id":1,"title":"Quake shakes Almaty at night","text":""}' \\
          '{"id":2,"title":"Quake shakes Almaty at night","text":""}' | dateline articles group
      {"id": 1, "story": 1}
      {"id": 2, "story": 1}
    """
    articles: list[_InputArticle] = []
    status = process_lines(
        sys.stdin.buffer, lambda number, entry: articles.append(_parse_article(number, entry))
    )
    stories = _group(articles)
    for article in articles:
        click.echo(json.dumps({"id": article.id, "story": stories[article.item.key]}, ensure_ascii=False))
    sys.exit(status)


@articles_group.command("kind")
def print_kinds() -> None:
    """Decide what kind of piece each article is, read as JSON lines from standard input.

    An input line is {"id", "title", "url"?, "categories"?, "language"?, "text"?}. An output line is {"id", "kind",
    "reason"}: where the words stand that decided it (address, category, label, title), and the words. The reason is ""
    for news without a sign of another kind. Kinds: news, analysis, opinion, live, roundup, gallery, video, podcast,
    sport, culture, lifestyle, commerce, sponsored, service. An invalid line is reported on standard error; the others
    are decided, and the exit status is 2.

    \b
    Example:
      $ echo '{"id":1,"title":"Morning briefing: a truce and a trial"}' | dateline articles kind
      {"id": 1, "kind": "roundup", "reason": "label: morning briefing"}
    """
    status = process_lines(
        sys.stdin.buffer,
        lambda _number, entry: click.echo(json.dumps(_decide_kind(entry), ensure_ascii=False)),
    )
    sys.exit(status)


@articles_group.command("corrections")
@with_appcontext
def print_kind_corrections() -> None:
    """Print editors' corrections of kinds as JSON lines: the input of `articles kind` with the kind it should find.

    \b
    Example: dateline articles corrections > corrections.jsonl
             dateline articles kind < corrections.jsonl > kinds.jsonl
    """
    with parts().db.read() as tx:
        for case in moderation.export_kind_corrections(tx):
            click.echo(json.dumps(case, ensure_ascii=False))


def _decide_kind(entry: dict[str, Any]) -> dict[str, Any]:
    article = KindInput(
        title=text_field(entry, "title"),
        url=text_field(entry, "url"),
        categories=text_list_field(entry, "categories"),
        language=text_field(entry, "language"),
        text=text_field(entry, "text"),
    )
    verdict = classify(article)
    return {"id": entry["id"], "kind": verdict.kind, "reason": verdict.reason}


@dataclass(frozen=True, slots=True)
class _InputArticle:
    id: Any
    seen_at: datetime
    item: ClusterItem
    terms: Terms


def _parse_article(number: int, entry: dict[str, Any]) -> _InputArticle:
    title, text = text_field(entry, "title"), text_field(entry, "text")
    item = ClusterItem(number, text_field(entry, "source"), title_key(title), text_key(text))
    return _InputArticle(
        entry["id"], _parse_seen_at(text_field(entry, "seen_at")), item, weigh_terms(title, text)
    )


def _parse_seen_at(text: str) -> datetime:
    if not text:
        return datetime.min.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f'"seen_at": "{text[:40]}" is not ISO 8601 (example: 2026-01-14T09:30:00Z)'
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _group(articles: Iterable[_InputArticle]) -> dict[int, Any]:
    """The story's id by article key. The articles are placed in the order of `seen_at`."""
    window = SimilarityIndex()
    placed: dict[int, _InputArticle] = {}
    story_of: dict[int, int] = {}  # key of each article: key of the first article of its story
    for batch in _batches(sorted(articles, key=lambda article: article.seen_at)):
        for article in batch:
            placed[article.item.key] = article
        new_terms = {article.item.key: article.terms for article in batch}
        scores = score_pairs(window, new_terms)
        open_since = batch[0].seen_at - STORY_WINDOW if batch[0].seen_at.year > 1 else batch[0].seen_at
        open_story_items = [
            _in_story(placed[key].item, story)
            for key, story in story_of.items()
            if placed[story].seen_at >= open_since
        ]
        threshold = pair_threshold(len(new_terms), len(window) + len(new_terms))
        items = [*open_story_items, *(article.item for article in batch)]
        for group in cluster(items, scores, min_pair_score=threshold):
            first = next((i.story for i in group if i.story is not None), min(i.key for i in group))
            story_of.update((item.key, first) for item in group)
        for key, terms in new_terms.items():
            window.add(key, terms)
    return {key: placed[story].id for key, story in story_of.items()}


def _in_story(item: ClusterItem, story: int) -> ClusterItem:
    return ClusterItem(item.key, item.source, item.title_key, item.text_key, story)


def _batches(ordered: Iterable[_InputArticle]) -> Iterator[list[_InputArticle]]:
    start: datetime | None = None

    def batch_start(article: _InputArticle) -> datetime:
        nonlocal start
        if start is None or article.seen_at - start >= BATCH_WINDOW:
            start = article.seen_at
        return start

    for _, batch in groupby(ordered, key=batch_start):
        yield list(batch)

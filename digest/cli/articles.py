"""`dateline articles`: which articles are of one event."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import click

from digest.articles.pure.clustering import Piece, group, least_of_two, likenesses, text_key
from digest.articles.pure.shown_story import WINDOW, title_key
from digest.articles.pure.similarity import Terms, Window, terms
from digest.cli.json_lines import lines, read, text_of
from digest.errors import InvalidInputError

BAD_INPUT = 2  # exit status
TOGETHER = timedelta(
    minutes=15
)  # what was seen within it is placed together, as what a round of polls brings


@click.group("articles")
def articles_group() -> None:
    """Tell which articles report the same event.

    \b
    Example: dateline articles group < articles.jsonl
    """


@articles_group.command("group")
def group_articles() -> None:
    """Give each article, a JSON line from standard input, the story that it belongs to.

    A line in is {"id", "title", "text", "seen_at"?, "source"?}; a line out is {"id", "story"}, where the story is
    named by the id of its first article. Without `seen_at` (ISO 8601) all are placed together; with it, in that
    order, and a story takes new articles for 48 hours. Two articles of one `source` are never one story, unless
    they are the same word for word. A line that is wrong is reported on standard error, and the exit status is 2.

    \b
    Example:
      $ printf '%s\\n' '{"id":1,"title":"Quake shakes Almaty at night","text":""}' \\
          '{"id":2,"title":"Quake shakes Almaty at night","text":""}' | dateline articles group
      {"id": 1, "story": 1}
      {"id": 2, "story": 1}
    """
    found: list[_Given] = []
    bad = False
    for number, line in lines(sys.stdin.buffer):
        try:
            found.append(_given(number, line))
        except InvalidInputError as error:
            bad = True
            click.echo(f"line {number}: {error}", err=True)
    stories = _stories(found)
    for given in found:
        click.echo(json.dumps({"id": given.id, "story": stories[given.piece.key]}, ensure_ascii=False))
    if bad:
        raise SystemExit(BAD_INPUT)


@dataclass(frozen=True, slots=True)
class _Given:
    id: Any
    seen_at: datetime
    piece: Piece
    terms: Terms


def _given(number: int, line: bytes) -> _Given:
    entry = read(line)
    title, text = text_of(entry, "title"), text_of(entry, "text")
    piece = Piece(number, text_of(entry, "source"), title_key(title), text_key(text))
    return _Given(entry["id"], _moment(text_of(entry, "seen_at")), piece, terms(title, text))


def _moment(text: str) -> datetime:
    if not text:
        return datetime.min.replace(tzinfo=UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f'"seen_at": "{text[:40]}" is no time (example: 2026-01-14T09:30:00Z)'
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _stories(found: Iterable[_Given]) -> dict[int, Any]:
    """The story of each, placed as they came."""
    window = Window()
    placed: dict[int, _Given] = {}
    story_of: dict[int, int] = {}  # key of an article: key of its story's first
    for batch in _batches(sorted(found, key=lambda given: given.seen_at)):
        for given in batch:
            placed[given.piece.key] = given
        new = {given.piece.key: given.terms for given in batch}
        alike = likenesses(window, new)
        open_since = batch[0].seen_at - WINDOW if batch[0].seen_at.year > 1 else batch[0].seen_at
        known = [
            _told(placed[key], story)
            for key, story in story_of.items()
            if placed[story].seen_at >= open_since
        ]
        of_two = least_of_two(len(new), len(window) + len(new))
        for pieces in group([*known, *(given.piece for given in batch)], alike, of_two=of_two):
            first = next((p.story for p in pieces if p.story is not None), min(p.key for p in pieces))
            story_of.update((piece.key, first) for piece in pieces)
        for key, words in new.items():
            window.add(key, words)
    return {key: placed[story].id for key, story in story_of.items()}


def _told(given: _Given, story: int) -> Piece:
    piece = given.piece
    return Piece(piece.key, piece.source, piece.title_key, piece.text_key, story)


def _batches(ordered: Iterable[_Given]) -> Iterator[list[_Given]]:
    start: datetime | None = None

    def begin(given: _Given) -> datetime:
        nonlocal start
        if start is None or given.seen_at - start >= TOGETHER:
            start = given.seen_at
        return start

    for _, batch in groupby(ordered, key=begin):
        yield list(batch)

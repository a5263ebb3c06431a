"""`dateline articles`: which articles report one event, which events are one affair, and what kind each is."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import click
from flask.cli import with_appcontext

from digest.articles import moderation
from digest.articles.pure.article_kinds import KindInput, classify
from digest.articles.pure.grouping import group_reports
from digest.articles.pure.known_stories import Group
from digest.articles.pure.report_pairs import ReportIndex
from digest.articles.pure.reports import Report, read_report
from digest.articles.pure.story_kinds import may_join
from digest.cli.json_lines import process_lines, text_field, text_list_field
from digest.cli.moments import parse_moment
from digest.parts import parts
from digest.regions import gazetteer
from digest.regions.pure.tagger import Tagger


@click.group("articles")
def articles_group() -> None:
    """Find out which articles report the same event, and what kind of piece each is.

    \b
    Example: dateline articles group < articles.jsonl
    """


@articles_group.command("group")
def group_articles() -> None:
    """Group articles, read as JSON lines from standard input, into stories and threads.

    An input line is {"id", "title", "text", "seen_at"?, "source"?, "language"?, "url"?, "categories"?}. An output line
    is {"id", "story", "thread"}. A story is one event, and has the id of its first article. A thread is an affair of
    several days, and has the id of its first article. With `seen_at` (ISO 8601), articles are the less similar the more
    time is between them, and more than 72 hours apart they are never one event. Roundups, live blogs and the like (see
    `dateline articles kind`) are in no story with others. An invalid line is reported on standard error; the others are
    grouped, and the exit status is 2.

    \b
    Example:
      $ printf '%s\\n' '{"id":1,"title":"Quake shakes Almaty at night","text":""}' \\
          '{"id":2,"title":"Quake shakes Almaty at night","text":""}' | dateline articles group
      {"id": 1, "story": 1, "thread": 1}
      {"id": 2, "story": 1, "thread": 1}
    """
    ids: list[Any] = []
    reports: list[Report] = []
    tagger = gazetteer.tagger()

    def add(_number: int, entry: dict[str, Any]) -> None:
        reports.append(_read_entry(len(ids), entry, tagger))
        ids.append(entry["id"])

    status = process_lines(sys.stdin.buffer, add)
    # Reports in the order of time, so that the first one names the story.
    stories, threads = _first_keys(
        group_reports(ReportIndex.of(sorted(reports, key=lambda report: (report.at, report.key))))
    )
    for key, article_id in enumerate(ids):
        line = {"id": article_id, "story": ids[stories[key]], "thread": ids[threads[key]]}
        click.echo(json.dumps(line, ensure_ascii=False))
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
    verdict = classify(_kind_input(entry))
    return {"id": entry["id"], "kind": verdict.kind, "reason": verdict.reason}


def _kind_input(entry: dict[str, Any]) -> KindInput:
    return KindInput(
        title=text_field(entry, "title"),
        url=text_field(entry, "url"),
        categories=text_list_field(entry, "categories"),
        language=text_field(entry, "language"),
        text=text_field(entry, "text"),
    )


def _read_entry(key: int, entry: dict[str, Any], tagger: Tagger) -> Report:
    title, text = text_field(entry, "title"), text_field(entry, "text")
    seen_at = text_field(entry, "seen_at")
    report = read_report(
        key,
        title,
        text,
        seen_at=parse_moment(seen_at, '"seen_at"') if seen_at else None,
        source=text_field(entry, "source"),
        language=text_field(entry, "language"),
        countries=[tag.country for tag in tagger.tag(title, text)],
    )
    return replace(report, joins=may_join(classify(_kind_input(entry)).kind))


def _first_keys(groups: Sequence[Group]) -> tuple[dict[int, int], dict[int, int]]:
    """By key of a report, the key of the first report of its story, and of its thread."""
    first_of_thread: dict[int, int] = {}
    stories: dict[int, int] = {}
    threads: dict[int, int] = {}
    for group in groups:
        first_of_thread.setdefault(group.thread, group.keys[0])
        for key in group.keys:
            stories[key], threads[key] = group.keys[0], first_of_thread[group.thread]
    return stories, threads

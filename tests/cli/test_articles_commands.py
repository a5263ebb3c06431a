"""`dateline articles kind` and `corrections`: JSON lines in, JSON lines out."""

import json

import pytest

from digest.articles import moderation
from digest.articles.states import ArticleKind
from digest.cli.articles import articles_group
from digest.parts import Parts
from tests.builders import World
from tests.cli.conftest import RunCommand


def test_each_line_gets_its_kind_and_the_reason(run: RunCommand) -> None:
    lines = [
        {"id": 1, "title": "Morning briefing: a truce and a trial"},
        {"id": "b", "title": "A quiet year", "url": "https://a.example/opinion/1", "categories": ["Asia"]},
        {"id": 3, "title": "Землетрясение на востоке", "language": "ru", "text": "Подробности."},
    ]
    result = run(articles_group, "kind", stdin="\n".join(map(json.dumps, lines)))
    assert result.status == 0
    assert [json.loads(line) for line in result.out.splitlines()] == [
        {"id": 1, "kind": "roundup", "reason": "label: morning briefing"},
        {"id": "b", "kind": "opinion", "reason": "address: opinion"},
        {"id": 3, "kind": "news", "reason": ""},
    ]


@pytest.mark.parametrize("categories", ['"Sport"', "[1]", '{"a": 1}'])
def test_a_line_with_bad_categories_is_reported_and_the_others_are_decided(
    run: RunCommand, categories: str
) -> None:
    bad = f'{{"id": 1, "title": "A", "categories": {categories}}}'
    result = run(articles_group, "kind", stdin=f'{bad}\n{{"id": 2, "title": "B"}}\n')
    assert result.status == 2
    assert 'line 1: "categories" is not a list of texts' in result.err
    assert json.loads(result.out) == {"id": 2, "kind": "news", "reason": ""}


def test_corrections_are_lines_that_the_kind_command_reads(
    run: RunCommand, parts: Parts, world: World
) -> None:
    world.article("Morning briefing: a truce and a trial")
    moderation.choose_kind(parts.db, 1, ArticleKind.NEWS)
    lines = run(articles_group, "corrections").out.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["news"]
    decided = json.loads(run(articles_group, "kind", stdin="\n".join(lines)).out)
    assert decided == {"id": "article-1", "kind": "roundup", "reason": "label: morning briefing"}

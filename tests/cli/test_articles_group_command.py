"""`dateline articles group`, as typed."""

import json

from click.testing import CliRunner

from digest.cli.articles import articles_group

DAM = "Papanov dam near Shardara breaks and floods villages"
LINES = [
    {"id": "a", "title": DAM, "text": "", "source": "Post", "seen_at": "2026-03-02T06:00:00Z"},
    {"id": "b", "title": DAM, "text": "", "source": "Wire", "seen_at": "2026-03-02T05:00:00Z"},
    {
        "id": "c",
        "title": "Tiger seen on the Ili",
        "text": "",
        "source": "Post",
        "seen_at": "2026-03-02T06:00:00Z",
    },
]


def test_each_article_gets_its_story_and_thread_named_after_their_first_article() -> None:
    stdin = "".join(json.dumps(line) + "\n" for line in LINES)
    result = CliRunner().invoke(articles_group, ["group"], input=stdin)
    assert result.exit_code == 0
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"id": "a", "story": "b", "thread": "b"},
        {"id": "b", "story": "b", "thread": "b"},
        {"id": "c", "story": "c", "thread": "c"},
    ]


def test_a_bad_line_is_reported_and_the_others_are_grouped() -> None:
    bad = json.dumps(LINES[0] | {"seen_at": "yesterday"})
    result = CliRunner().invoke(articles_group, ["group"], input=f"{bad}\n{json.dumps(LINES[2])}\n")
    assert result.exit_code == 2
    assert "line 1" in result.stderr
    assert len(result.stdout.splitlines()) == 1

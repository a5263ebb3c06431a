"""`dateline editions rank`: what digests would show of articles on standard input, without a database."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from digest.cli.editions import editions_group
from tests.cli.conftest import RunCommand

AT = datetime(2026, 3, 10, 18, tzinfo=UTC)
BRIDGE = "Kazakhstan opens a bridge over the Ural river in Atyrau"
WALNUTS = "Georgia plants ten thousand walnut trees near Gori"
MUSEUM = "Uzbekistan restores the old observatory museum in Samarkand"
ELECTION = "Kyrgyzstan counts votes of the parliamentary election in Bishkek"


def article(number: int, title: str, source: str, *, hours: float = 2, **fields: Any) -> dict[str, Any]:
    seen_at = (AT - timedelta(hours=hours)).isoformat()
    return {"id": f"a{number}", "source": source, "title": title, "text": "", "seen_at": seen_at} | fields


def ranked(run: RunCommand, articles: list[dict[str, Any]], *options: str) -> dict[str, list[dict[str, Any]]]:
    stdin = "".join(json.dumps(row) + "\n" for row in articles)
    result = run(editions_group, "rank", "--at", AT.isoformat(), *options, stdin=stdin)
    assert result.status == 0, result.err
    return {row["region"]: row["stories"] for row in map(json.loads, result.out.splitlines())}


def leads(stories: list[dict[str, Any]]) -> list[str]:
    return [story["lead"] for story in stories]


SEVERAL = [
    article(1, WALNUTS, "Harbour Wire", hours=1),
    article(2, BRIDGE, "Harbour Wire", hours=5),
    article(3, BRIDGE, "The Steppe Post", hours=4),
    article(4, BRIDGE, "Mountain News", hours=3),
    article(5, MUSEUM, "Mountain News", hours=2),
]


def test_the_story_that_most_sources_report_comes_first(run: RunCommand) -> None:
    by_region = ranked(run, SEVERAL, "--regions", "world,central-asia,GE")
    assert list(by_region) == ["world", "central-asia", "ge"]
    assert sorted(by_region["world"][0]["articles"]) == ["a2", "a3", "a4"]
    assert [story["rank"] for story in by_region["world"]] == [1, 2, 3]
    assert leads(by_region["ge"]) == ["a1"]
    assert "a1" not in leads(by_region["central-asia"])


def test_the_newest_reports_lead_before_longer_ones_of_the_day_before(run: RunCommand) -> None:
    opened = "The bridge was opened by the governor in the morning."
    reports = [
        article(1, BRIDGE, "Harbour Wire", hours=20, text=f"{opened} It took three years to build."),
        article(2, BRIDGE, "The Steppe Post", hours=2),
        article(3, BRIDGE, "Mountain News", hours=1, text=opened),
    ]
    assert leads(ranked(run, reports, "--regions", "kz")["kz"]) == ["a3"]


def test_the_reasons_add_up_to_the_score(run: RunCommand) -> None:
    for story in ranked(run, SEVERAL, "--regions", "world")["world"]:
        assert sum(reason["points"] for reason in story["why"]) == pytest.approx(story["score"], abs=0.001)
    best = ranked(run, SEVERAL, "--regions", "world")["world"][0]
    assert {"reason": "sources", "points": 2.0, "number": 3} in best["why"]


def test_only_what_is_new_in_the_last_day_is_ranked(run: RunCommand) -> None:
    old = [article(9, ELECTION, "Harbour Wire", hours=30), article(10, ELECTION, "Steppe", hours=-1)]
    assert leads(ranked(run, [*SEVERAL, *old], "--regions", "kg").get("kg", [])) == []


def test_no_more_than_asked_for(run: RunCommand) -> None:
    assert len(ranked(run, SEVERAL, "--regions", "world", "--most", "2")["world"]) == 2


def test_soft_kinds_are_left_out_unless_asked_for(run: RunCommand) -> None:
    match = article(
        9, "Kazakhstan beat Georgia 2-1 in the final", "Steppe", url="https://s.example/sport/football/1"
    )
    hard = ranked(run, [*SEVERAL, match], "--regions", "world")["world"]
    assert "a9" not in leads(hard)
    for option in ("all", "sport"):
        assert "a9" in leads(ranked(run, [*SEVERAL, match], "--regions", "world", "--kinds", option)["world"])


def test_one_publisher_alone_keeps_its_own_order(run: RunCommand) -> None:
    own = [
        article(n, title, "Harbour Wire", position=place, hours=place)
        for n, (title, place) in enumerate([(BRIDGE, 3), (WALNUTS, 1), (MUSEUM, 2)])
    ]
    assert leads(ranked(run, own, "--regions", "world")["world"]) == ["a1", "a2", "a0"]


def test_an_invalid_line_is_reported_and_the_others_are_ranked(run: RunCommand) -> None:
    lines = [json.dumps(SEVERAL[0]), "nonsense", json.dumps(SEVERAL[1] | {"position": 0})]
    result = run(editions_group, "rank", "--regions", "world", "--at", AT.isoformat(), stdin="\n".join(lines))
    assert result.status == 2
    assert "line 2: not JSON" in result.err
    assert 'line 3: "position": 0 is no place' in result.err
    assert leads(json.loads(result.out)["stories"]) == ["a1"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": ""}, 'no "source"'),
        ({"seen_at": "yesterday"}, '"seen_at": "yesterday" is not ISO 8601'),
        ({"seen_at": None}, '"seen_at": "" is not ISO 8601'),
        ({"published": "0001-01-01T00:00+14:00"}, "is not ISO 8601"),
        ({"categories": "sport"}, '"categories" is not a list of texts'),
        ({"position": True}, '"position": true is no place'),
        ({"title": 7}, '"title" is a int'),
    ],
)
def test_a_wrong_field_is_named(run: RunCommand, changes: dict[str, Any], message: str) -> None:
    line = json.dumps(SEVERAL[0] | changes)
    result = run(editions_group, "rank", "--regions", "world", "--at", AT.isoformat(), stdin=line)
    assert (result.status, json.loads(result.out)["stories"]) == (2, [])
    assert message in result.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--regions", "atlantis", "--at", "2026-03-10T18:00Z"), "--regions"),
        (("--regions", " , ", "--at", "2026-03-10T18:00Z"), "name at least one region"),
        (("--regions", "world", "--at", "soon"), '--at: "soon" is not ISO 8601'),
        (("--regions", "world", "--at", "2026-03-10T18:00Z", "--kinds", "gossip"), '"gossip" is no kind'),
    ],
)
def test_a_wrong_option_is_named(run: RunCommand, options: tuple[str, ...], message: str) -> None:
    result = run(editions_group, "rank", *options)
    assert result.status == 2
    assert message in result.err

"""`dateline regions exclusions`: words that never mean a country are listed, added and removed."""

import json

import pytest

from digest.articles import exclusion_changes as exclusions
from digest.cli.regions import regions_group
from tests.builders import World
from tests.cli.conftest import RunCommand

TITLES = ("Ankara Motors opens a factory", "Big Ankara Motors shrinks", "The Ankara Motors of old")


def test_words_are_added_listed_and_removed(
    run: RunCommand, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exclusions, "BATCH_SIZE", 1)
    for title in TITLES:
        world.article(title, ["TR"])
    out = run(regions_group, "exclusions", "add", "ankara  motors", "tr").out
    assert out == '"ankara motors" never means TR now; 3 articles were tagged again\n'
    assert run(regions_group, "exclusions", "list").out == (
        '1  "ankara motors" never means TR in all sources: 3 articles\n'
    )
    row = json.loads(run(regions_group, "exclusions", "list", "--json").out)
    assert (row["words"], row["country"], row["source"], row["articles"]) == ("ankara motors", "TR", None, 3)
    assert run(regions_group, "exclusions", "add", "Ankara", "TR", "--source", "1").status == 0
    assert (
        '"Ankara" never means TR in source 1, in all its forms'
        in run(regions_group, "exclusions", "list").out
    )
    assert "0 articles" in run(regions_group, "exclusions", "remove", "2").out
    out = run(regions_group, "exclusions", "remove", "1").out
    assert out == '"ankara motors" can mean TR again; 3 articles were tagged again\n'


def test_what_can_not_be_excluded_is_said(run: RunCommand) -> None:
    for words, country, message in (
        ("Motors", "Turkey", '"Turkey" is not a country code'),
        ("Turkey", "TR", "name of the country itself"),
    ):
        result = run(regions_group, "exclusions", "add", words, country)
        assert (result.status, message in result.err) == (2, True)
    assert "There is no exclusion 9" in run(regions_group, "exclusions", "remove", "9").err

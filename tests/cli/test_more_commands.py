"""Commands beside those of news and mail: sources stopped and removed, accounts closed, webhooks, completion."""

import json

import click
import pytest
from click.testing import CliRunner

from digest.cli.accounts import accounts_group
from digest.cli.completion import completion
from digest.cli.sources import sources_group
from digest.cli.webhooks import webhooks_group
from digest.parts import Parts
from digest.webhooks import recording
from digest.webhooks.states import EventType
from tests.builders import World
from tests.cli.conftest import RunCommand


def test_a_source_is_stopped_started_and_removed(run: RunCommand, world: World) -> None:
    world.article()
    assert "sources start 1" in run(sources_group, "stop", "1").out
    assert json.loads(run(sources_group, "list", "--format", "json").out)[0]["state"] == "stopped"
    run(sources_group, "start", "1")
    assert json.loads(run(sources_group, "list", "--format", "json").out)[0]["state"] == "active"
    assert run(sources_group, "remove", "1", stdin="n\n").status == 1
    assert "and 1 articles" in run(sources_group, "remove", "1", "--yes").out
    for step in ("stop", "start", "remove"):
        assert "There is no source 1" in run(sources_group, step, "1").err


def test_an_account_is_closed_and_reopened_and_the_last_admin_stays(run: RunCommand) -> None:
    run(accounts_group, "add", "a@example.org", "--role", "admin")
    assert "last admin" in run(accounts_group, "close", "a@example.org").err
    run(accounts_group, "add", "b@example.org")
    run(accounts_group, "close", "b@example.org")
    rows = list(map(json.loads, run(accounts_group, "list", "--json").out.splitlines()))
    assert [(row["email"], row["state"]) for row in rows] == [
        ("a@example.org", "active"),
        ("b@example.org", "closed"),
    ]
    run(accounts_group, "reopen", "b@example.org")
    assert "closed" not in run(accounts_group, "list").out


def test_a_webhook_is_added_listed_replayed_and_removed(run: RunCommand, parts: Parts) -> None:
    made = run(webhooks_group, "add", "https://crm.example.org/x", "--event", "edition.sent")
    assert made.out.startswith("whsec_")
    with parts.db.begin() as tx:
        recording.record(tx, EventType.EDITION_SENT, parts.clock(), id=1)
    (row,) = map(json.loads, run(webhooks_group, "list", "--json").out.splitlines())
    assert (row["url"], row["events"], row["state"]) == (
        "https://crm.example.org/x",
        ["edition.sent"],
        "active",
    )
    (message,) = map(json.loads, run(webhooks_group, "log").out.splitlines())
    assert (message["event"], message["data"], message["attempts"]) == ("edition.sent", {"id": 1}, [])
    assert run(webhooks_group, "replay", message["id"]).status == 0
    run(webhooks_group, "disable", "1")
    assert "disabled\tby hand" in run(webhooks_group, "list").out
    run(webhooks_group, "enable", "1")
    assert "active\tok" in run(webhooks_group, "list").out
    run(webhooks_group, "remove", "1")
    assert "dateline webhooks add URL" in run(webhooks_group, "list").err
    assert "can't be a webhook" in run(webhooks_group, "add", "ftp://x.example/").err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_its_script_without_a_database(shell: str) -> None:
    group = click.Group("dateline", commands={"completion": completion})
    result = CliRunner().invoke(group, ["completion", shell])
    assert result.exit_code == 0
    assert "_DATELINE_COMPLETE" in result.output

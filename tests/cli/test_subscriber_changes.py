"""`dateline subscribers add`, `change`, `pause`, `resume`, `unsubscribe`."""

import json
from typing import Any

import pytest

from digest.cli.subscribers import subscribers_group
from digest.parts import Parts
from digest.subscribers import letter_requests
from tests.cli.conftest import RunCommand

ANN = "ann@example.org"
NEW = ("add", ANN, "--regions", "Central Asia,GE", "--time", "06:45", "--zone", "Asia/Tashkent")


def shown(run: RunCommand) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(subscribers_group, "show", ANN).out)
    return found


def test_without_a_consent_a_letter_asks(run: RunCommand, parts: Parts) -> None:
    assert "a letter asks them" in run(subscribers_group, *NEW).out
    letter_requests.process_all(parts.db, secret=parts.settings.secret_key, per_hour=0, now=parts.clock())
    assert shown(run)["state"] == "pending"


def test_with_a_consent_they_are_subscribed_and_can_be_changed(run: RunCommand) -> None:
    assert run(subscribers_group, *NEW, "--consent", "on paper, 2026-03-01").out == f"{ANN} is subscribed\n"
    row = shown(run)
    assert (row["regions"], row["send_minute"], row["zone"]) == (["central-asia", "ge"], 405, "Asia/Tashkent")
    assert row["consents"][0]["wording"] == "on paper, 2026-03-01"
    run(subscribers_group, "change", ANN, "--size", "brief", "--kinds", "sport,opinion")
    changed = shown(run)
    assert (changed["size"], changed["kinds"], changed["send_minute"]) == ("brief", ["sport", "opinion"], 405)
    assert "subscriber already" in run(subscribers_group, *NEW, "--consent", "again").err


def test_pausing_resuming_and_unsubscribing(run: RunCommand) -> None:
    run(subscribers_group, *NEW, "--consent", "on paper")
    assert "until 2026-04-01 00:00 UTC" in run(subscribers_group, "pause", ANN, "--until", "2026-04-01").out
    assert shown(run)["state"] == "paused"
    run(subscribers_group, "resume", ANN)
    assert shown(run)["state"] == "active"
    assert run(subscribers_group, "unsubscribe", ANN).out == f"{ANN} is unsubscribed\n"
    assert "unsubscribed already" in run(subscribers_group, "unsubscribe", ANN).err
    resumed = run(subscribers_group, "resume", ANN)
    assert (resumed.status, f"{ANN} is unsubscribed, not paused" in resumed.err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "ann", "--regions", "GE"), "no @"),
        (("add", ANN), "at least one region"),
        (("add", ANN, "--regions", "atlantis"), "is not known"),
        (("add", ANN, "--regions", "GE", "--time", "25:00"), "25:00"),
        (("change", ANN), "Name what to change"),
        (("change", ANN, "--time", "08:00"), "There is no subscriber"),
        (("pause", ANN, "--until", "soon"), "no subscriber"),
    ],
)
def test_wrong_input_is_refused_in_words(run: RunCommand, arguments: tuple[str, ...], words: str) -> None:
    result = run(subscribers_group, *arguments)
    assert result.status == 2
    assert words in result.err

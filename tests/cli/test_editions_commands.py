"""`dateline editions`: preview, forecast, send, steer."""

import email
import json
from datetime import timedelta

import pytest

from digest.cli.editions import editions_group
from digest.parts import Parts
from tests.builders import World
from tests.cli.conftest import RunCommand

NEWS = "A bridge over the Syr Darya is open again"


def test_preview_as_json_tells_what_is_in_the_digest(run: RunCommand, world: World) -> None:
    world.article(NEWS, ["KZ"])
    world.article("A matter of the far south", ["CL"])
    printed = json.loads(
        run(editions_group, "preview", "--regions", "central-asia,GE", "--format", "json").out
    )
    assert [(s["title"], s["countries"], s["regions"]) for s in printed["stories"]] == [
        (NEWS, ["KZ"], ["central-asia"])
    ]
    assert printed["subject"] == NEWS
    assert printed["html_bytes"] > printed["text_bytes"] > 0
    assert len(printed["window"]) == 2


def test_preview_in_all_forms_shows_the_same_news(run: RunCommand, world: World) -> None:
    world.article(NEWS, ["KZ"])
    for form in ("text", "html"):
        assert NEWS in run(editions_group, "preview", "--regions", "KZ", "--format", form).out
    message = email.message_from_string(
        run(editions_group, "preview", "--regions", "KZ", "--format", "eml").out
    )
    assert message["Subject"] == NEWS


def test_a_preview_has_its_sections_in_the_order_of_the_regions(run: RunCommand, world: World) -> None:
    world.article(NEWS, ["KZ"])
    world.article("A matter of the far south", ["CL"])
    for regions in ("CL,KZ", "KZ,CL"):
        printed = json.loads(run(editions_group, "preview", "--regions", regions, "--format", "json").out)
        shown = [story["regions"][0] for story in printed["stories"]]
        assert shown == regions.lower().split(",")


@pytest.mark.parametrize("option", ["--kinds=chess", "--languages-read=xx"])
def test_a_preview_names_a_wrong_choice(run: RunCommand, option: str) -> None:
    result = run(editions_group, "preview", "--regions", "KZ", option)
    assert result.status == 2
    assert option.split("=")[1] in result.err


def test_a_preview_without_news_names_its_end_in_utc(run: RunCommand) -> None:
    result = run(editions_group, "preview", "--regions", "KZ", "--at", "2026-03-10T12:00+05:00")
    assert result.status == 2
    assert "before 2026-03-10 07:00 UTC" in result.err


def test_preview_names_a_region_that_does_not_exist(run: RunCommand) -> None:
    result = run(editions_group, "preview", "--regions", "atlantis")
    assert result.status == 2
    assert "region 'atlantis' is not known" in result.err


def test_a_preview_without_news_says_so(run: RunCommand) -> None:
    assert "nothing was published about KZ" in run(editions_group, "preview", "--regions", "KZ").err


def test_due_forecasts_when_how_many_and_in_which_regions(
    run: RunCommand, world: World, parts: Parts
) -> None:
    now = parts.clock()
    for n in range(3):
        world.subscriber(f"r{n}@example.com", ["central-asia"], next_due_at=now + timedelta(hours=2))
    world.subscriber("other@example.com", ["ir"], next_due_at=now + timedelta(hours=5))
    result = run(editions_group, "due", "--at", (now + timedelta(hours=3)).isoformat())
    (line,) = map(json.loads, result.out.splitlines())
    assert line == {
        "at": (now + timedelta(hours=2)).isoformat(),
        "readers": 3,
        "regions": {"central-asia": 3},
    }
    assert run(editions_group, "due", "--at", "soon").status == 2


def test_sending_says_how_many_it_reaches_and_asks(run: RunCommand, world: World) -> None:
    world.article(NEWS, ["KZ"])
    world.subscriber("ann@example.com", ["kz"])
    world.subscriber("bob@example.com", ["cl"])
    declined = run(editions_group, "send", "--regions", "central-asia", stdin="n\n")
    assert declined.status == 1
    assert "subscribers: 1, with news: 1" in declined.out
    assert run(editions_group, "list").out == ""

    sent = run(editions_group, "send", "--regions", "central-asia", "--yes")
    assert "deliveries planned: 1" in sent.out
    (line,) = map(json.loads, run(editions_group, "list").out.splitlines())
    assert line["deliveries"] == {"planned": 1}
    again = run(editions_group, "send", "--regions", "central-asia", "--yes")
    assert "with news: 0" in again.out
    assert (again.status, "There is no news for any of them" in again.err) == (2, True)


def test_an_edition_is_paused_resumed_and_cancelled(run: RunCommand, world: World) -> None:
    world.article(NEWS, ["KZ"])
    world.subscriber("ann@example.com", ["kz"])
    run(editions_group, "send", "--regions", "KZ", "--yes")
    assert "is paused" in run(editions_group, "pause", "1").out
    assert "Edition 1 is paused; only sending" in run(editions_group, "pause", "1").err
    assert "is resumed" in run(editions_group, "resume", "1").out
    assert "1 not sent" in run(editions_group, "cancel", "1", "--yes").out
    shown = json.loads(run(editions_group, "show", "1").out)
    assert (shown["state"], shown["deliveries"]) == ("cancelled", {"cancelled": 1})
    assert shown["feedback"] == {"bounced": 0, "complained": 0, "unsubscribed": 0}
    assert "There is no edition 9" in run(editions_group, "show", "9").err


def test_due_forecasts_any_day_by_slot(run: RunCommand, world: World, parts: Parts) -> None:
    world.subscriber("daily@example.com", ["central-asia"], zone="Asia/Tashkent")
    world.subscriber("kids@example.com", ["ir"], cadence="weekdays", zone="Asia/Tashkent")
    world.subscriber("gone@example.com", ["ir"], state="unsubscribed")
    away = parts.clock() + timedelta(days=400)
    world.subscriber("away@example.com", ["ir"], state="paused", paused_until=away, next_due_at=None)
    friday, saturday = (run(editions_group, "due", "--at", f"2026-12-{day}").out for day in (25, 26))
    assert [json.loads(line) for line in friday.splitlines()] == [
        {"at": "2026-12-25T02:00:00+00:00", "readers": 2, "regions": {"central-asia": 1, "ir": 1}}
    ]
    assert [json.loads(line)["readers"] for line in saturday.splitlines()] == [1]
    text = run(editions_group, "due", "--at", "2026-12-25", "--format", "text").out
    assert "2026-12-25 02:00 UTC         2  central-asia 1, ir 1" in text
    assert "total: 2, slots: 1" in text


def test_preview_shows_how_much_a_size_has(run: RunCommand, world: World) -> None:
    for n in range(8):
        world.article(f"A headline that is the number {n} of eight", ["KZ"])
    brief = run(editions_group, "preview", "--regions", "KZ", "--size", "brief").out
    assert "3 more on the web" in brief
    assert "3 more" not in run(editions_group, "preview", "--regions", "KZ").out

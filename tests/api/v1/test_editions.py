"""Editions by the API: drafted, frozen, sent, paused, slowed, cancelled; previews and reach."""

from sqlalchemy import event

from digest import tasks
from digest.parts import Parts
from tests.api.v1.conftest import ApiClient, newest_entry
from tests.builders import World


def prepare(api: ApiClient, world: World, readers: int = 3) -> int:
    """Add news and subscribers; returns the id of a draft for everyone."""
    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    world.many_subscribers(readers)
    edition: int = api.call(
        "POST", "/editions", {"audience": {"kind": "everyone"}, "note": " Hello "}, status=201
    )["id"]
    return edition


def run_task(api: ApiClient, edition_id: int) -> None:
    """What the worker does with an edition that is frozen or sent."""
    app = api.client.application
    tasks._plan_edition(app.extensions["dateline"], app.extensions["celery"], edition_id)


def test_a_draft_is_frozen_sent_paused_and_cancelled(api: ApiClient, world: World, parts: Parts) -> None:
    edition = prepare(api, world)
    path = f"/editions/{edition}"
    draft = api.call("GET", path)
    assert (draft["state"], draft["note"], draft["audience"]) == (
        "draft",
        "Hello",
        {"kind": "everyone", "regions": []},
    )
    assert api.call("POST", f"{path}/send", {}, status=409)
    assert api.call("POST", f"{path}/freeze", status=202)["state"] == "freezing"
    run_task(api, edition)
    frozen = api.call("GET", path)
    assert frozen["state"] == "frozen"
    (digests,) = api.pages(f"{path}/digests")
    assert [len(digest["story_ids"]) for digest in digests] == [1]
    assert api.call("POST", f"{path}/send", {"at": "2026-03-10T13:00:00Z"}, status=202)["send_at"]
    assert api.call("POST", f"{path}/unschedule")["send_at"] is None
    assert api.call("POST", f"{path}/send", {}, status=202)["state"] == "planning"
    assert newest_entry(parts).account == "token admin"
    run_task(api, edition)
    progress = api.call("GET", f"{path}/progress")
    assert (progress["state"], progress["due"], progress["open"]) == ("sending", 3, 3)
    assert api.call("POST", f"{path}/pause")["state"] == "paused"
    assert api.call("POST", f"{path}/pause", status=409)
    assert api.call("PUT", f"{path}/rate", {"per_second": 5})["per_second"] == 5
    assert api.call("POST", f"{path}/resume")["state"] == "sending"
    cancelled = api.call("POST", f"{path}/cancel")
    assert (cancelled["not_sent"], cancelled["edition"]["state"]) == (3, "cancelled")
    (rows,) = api.pages(f"{path}/deliveries?state=cancelled")
    assert len(rows) == 3
    assert "email" not in rows[0]


def test_a_frozen_edition_becomes_a_draft_again(api: ApiClient, world: World) -> None:
    edition = prepare(api, world)
    api.call("POST", f"/editions/{edition}/freeze", status=202)
    run_task(api, edition)
    assert api.call("POST", f"/editions/{edition}/thaw")["state"] == "draft"
    assert api.call("POST", f"/editions/{edition}/thaw", status=409)


def test_the_reach_says_who_has_a_larger_region_too(api: ApiClient, world: World) -> None:
    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    world.subscriber(regions=["world"])
    world.subscriber(regions=["kz"])
    world.subscriber(regions=["br"])
    reach = api.call("POST", "/audiences/count", {"kind": "regions", "regions": ["central-asia"]})
    assert reach == {"subscribers": 2, "deliveries": 2, "digests": 2}
    for wrong in ({"kind": "regions"}, {"kind": "everyone", "regions": ["kz"]}, {"kind": "all"}):
        api.call("POST", "/audiences/count", wrong, status=422)


def test_a_preview_is_the_digest_of_the_newsroom(api: ApiClient, world: World) -> None:
    assert "Nothing was published" in api.call("POST", "/previews", {"regions": ["kz"]}, status=409)["detail"]
    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    shown = api.call("POST", "/previews", {"regions": ["kz"], "note": "A word first"})
    assert [story["title"] for story in shown["stories"]] == ["Kazakhstan opens a port on the Caspian Sea"]
    assert "A word first" in shown["html"]
    assert "A word first" in shown["text"]
    assert (
        api.call("POST", "/previews", {"regions": ["kz"], "language": "xx"}, status=422)["errors"][0]["at"]
        == "/language"
    )


def test_a_test_goes_to_one_address_that_no_list_shows(api: ApiClient, world: World) -> None:
    world.article("Kazakhstan opens a port on the Caspian Sea", ["KZ"])
    body = {"email": "editor@example.org", "regions": ["kz"]}
    made = api.call("POST", "/test-mails", body, status=202)
    assert (made["kind"], made["audience"]) == ("test", {"kind": "address", "regions": ["kz"]})
    assert "editor@" not in str(api.pages("/editions") + api.pages(f"/editions/{made['id']}/deliveries"))
    assert api.call("GET", "/editions?kind=manual")["data"] == []


def test_progress_reads_no_delivery_that_ended(api: ApiClient, world: World, parts: Parts) -> None:
    edition = prepare(api, world, readers=50)
    api.call("POST", f"/editions/{edition}/freeze", status=202)
    run_task(api, edition)
    api.call("POST", f"/editions/{edition}/send", {}, status=202)
    run_task(api, edition)
    statements: list[str] = []
    event.listen(parts.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert api.call("GET", f"/editions/{edition}/progress")["due"] == 50
    assert len(statements) <= 10

"""The editions of now and the next slots, which stand at the head of the desk."""

import re
from datetime import timedelta

from flask import Flask

from digest.deliveries.planning import edition_planner
from digest.editions.states import EditionState
from digest.editions.store import editions, scheduled
from digest.parts import Parts
from digest.subscribers.models import Subscriber
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession, sign_in_as


def test_open_editions_are_put_on_hold_from_here(editor: BrowserSession, world: World, parts: Parts) -> None:
    slot = parts.clock() + timedelta(hours=1)
    with parts.db.begin() as tx:
        edition_id = scheduled.open_review(tx, slot, parts.clock())
    page = editor.get_page("/admin/today")
    assert f'action="/admin/editions/{edition_id}/pause"' in page
    editor.post(f"/admin/editions/{edition_id}/pause")
    assert f'action="/admin/editions/{edition_id}/resume"' in editor.get_page("/admin/today")


def test_the_next_slots_say_when_they_are_due_and_for_how_many(editor: BrowserSession, world: World) -> None:
    now = world.clock()
    for minutes in (42, 42, 300, 360, 420, 25 * 60):
        world.subscriber(next_due_at=now + timedelta(minutes=minutes))
    slots = editor.get_page("/admin/today").partition('class="slots"')[2].partition("</ul>")[0]
    lines = [" ".join(re.sub(r"<[^>]+>", "", item).split()) for item in slots.split("<li>")[1:]]
    assert lines == [
        "Due in 42 minutes 2 subscribers Put on hold in 42 minutes",
        "Due 10 Mar, 17:00 UTC 1 subscriber Put on hold 10 Mar, 17:00 UTC",
        "Due 10 Mar, 18:00 UTC 1 subscriber Put on hold 10 Mar, 18:00 UTC",
        "Send now…",
    ]


def test_sending_now_is_an_extra_edition_for_the_region_of_the_desk(
    editor: BrowserSession, app: Flask, world: World
) -> None:
    manager = sign_in_as(app, "manager")
    link = re.search(r'href="([^"]+)">Send now…', manager.get_page("/admin/today?region=central-asia"))
    assert link
    form = manager.get_page(link[1].replace("&amp;", "&"))
    assert re.search(r'<input[^>]*value="central-asia"[^>]* checked', form)
    assert re.search(r'<input checked[^>]*value="regions"', form)
    assert 'href="/admin/compose?kind=everyone">Send now…' in manager.get_page("/admin/today")
    viewer = sign_in_as(app, "viewer")
    assert "Send now…" not in viewer.get_page("/admin/today")


def test_a_slot_is_put_on_hold_before_it_opens_for_review(
    app: Flask, editor: BrowserSession, world: World, parts: Parts, clock: StoppedClock
) -> None:
    world.article("Astana plants trees", ["KZ"])
    due = clock() + timedelta(hours=5)
    world.subscriber(next_due_at=due)
    button = re.search(r'action="(/admin/slots/[^"]+/hold)"', editor.get_page("/admin/today"))
    assert button
    assert button[1] == "/admin/slots/2026-03-10T17:00Z/hold"
    page = editor.follow(editor.post(button[1], form_page="/admin/today"))
    assert "The edition is on hold." in page
    assert button[1] not in page
    slots = page.partition('class="slots"')[2].partition("</ul>")[0]
    assert slots.count("1 subscriber") == 1  # beside the edition, and not once more as a slot
    with parts.db.read() as tx:
        held = editions.by_id(tx, 1)
    assert (held.state, held.cutoff) == ("held", due)
    clock.advance(hours=5, minutes=1)
    editor = sign_in_as(app, "manager")  # the session of before has ended
    edition_planner.open_reviews(parts.db, clock())
    assert edition_planner.plan_due(parts.db, parts.planner(), clock()).deliveries == 0
    editor.post("/admin/editions/1/resume")
    assert edition_planner.plan_due(parts.db, parts.planner(), clock()).deliveries == 1


def test_what_is_no_coming_slot_is_not_put_on_hold(
    editor: BrowserSession, app: Flask, world: World, parts: Parts
) -> None:
    now = world.clock()
    world.subscriber(next_due_at=now + timedelta(minutes=20))
    with parts.db.begin() as tx:
        tx.get_one(Subscriber, 1).next_due_at = now - timedelta(minutes=1)
    for name in ("2026-03-10T11:45Z", "2026-03-10T13:00Z", "9999-12-31T23:45Z"):
        page = editor.page_after(editor.post(f"/admin/slots/{name}/hold", form_page="/admin/today"))
        assert "Nobody is due in this slot any more" in page, name
    for name in ("soon", "2026-03-10T13:00"):
        page = editor.page_after(editor.post(f"/admin/slots/{name}/hold", form_page="/admin/today"))
        assert f"&#34;{name}&#34; is no slot of the desk." in page
    viewer = sign_in_as(app, "viewer")
    assert viewer.post("/admin/slots/2026-03-10T13:00Z/hold", form_page="/admin/today").status_code == 403
    with parts.db.read() as tx:
        assert editions.in_state(tx, *EditionState) == []

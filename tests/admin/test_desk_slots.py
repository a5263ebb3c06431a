"""The editions of now and the next slots, which stand at the head of the desk."""

import re
from datetime import timedelta

from flask import Flask

from digest.editions.store import editions
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as


def test_open_editions_are_put_on_hold_from_here(editor: BrowserSession, world: World, parts: Parts) -> None:
    slot = parts.clock() + timedelta(hours=1)
    with parts.db.begin() as tx:
        edition_id = editions.open_review(tx, slot, parts.clock())
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
        "Due in 42 minutes 2 subscribers",
        "Due 10 Mar, 17:00 UTC 1 subscriber",
        "Due 10 Mar, 18:00 UTC 1 subscriber",
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

"""The editions of now and the next slots, which stand at the head of the desk."""

import re
from datetime import timedelta

from digest.editions.store import editions
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession


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
    ]

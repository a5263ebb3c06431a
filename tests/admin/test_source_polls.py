"""The history of fetches on the page of a source, and on a page of its own."""

import re
from datetime import timedelta

from digest.parts import Parts
from digest.sources.states import PollOutcome
from digest.sources.store import polls
from digest.sources.store.polls import Poll
from tests.builders import World
from tests.web.browser_session import BrowserSession

NEWS = Poll(PollOutcome.READ, 200, seconds=0.25, size=4_200, entries=20, new=2, changed=1)
UNCHANGED = Poll(PollOutcome.UNCHANGED, 304, seconds=0.1)
FAILED = Poll(PollOutcome.FAILED, 503, "<b>overloaded</b>")


def add_polls(world: World, parts: Parts, source_id: int, *made: Poll) -> None:
    """Polls of the last minutes; the first one is the newest."""
    for number, poll in enumerate(reversed(made)):
        with parts.db.begin() as tx:
            polls.add(tx, source_id, poll, world.clock() - timedelta(minutes=len(made) - 1 - number))


def test_the_page_of_a_source_shows_its_latest_fetches(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    source_id = world.source()
    assert "Latest fetches" not in editor.get_page(f"/admin/sources/{source_id}")
    add_polls(world, parts, source_id, FAILED, UNCHANGED, UNCHANGED, NEWS)
    page = editor.get_page(f"/admin/sources/{source_id}")
    assert "2 new articles, 1 changed article" in " ".join(page.split())
    assert ("2 fetches" in page, "not modified" in page, "503" in page) == (True, True, True)
    assert "&lt;b&gt;overloaded&lt;/b&gt;" in page
    assert "0.25 s" in page
    assert "4.2 KB" in page


def test_all_fetches_are_on_pages_from_the_newest_to_the_oldest(
    editor: BrowserSession, world: World, parts: Parts
) -> None:
    source_id = world.source()
    path = f"/admin/sources/{source_id}/polls"
    assert "No fetches yet" in editor.get_page(path)
    add_polls(world, parts, source_id, *(Poll(PollOutcome.READ, 200, new=n) for n in range(1, 61)))
    newest = editor.get_page(path)
    assert ("50 new articles" in newest, "51 new articles" in newest) == (True, False)
    link = re.search(r'rel="next" href="([^"]+)"', newest)
    assert link
    older = editor.get_page(link[1])
    assert ("50 new articles" in older, "51 new articles" in older) == (False, True)
    assert f'rel="prev" href="{path}"' in older
    assert editor.get(f"{path}?before=x").status_code == 400
    assert editor.get("/admin/sources/99/polls").status_code == 404


def test_the_chart_counts_each_fetch_of_a_row(editor: BrowserSession, world: World, parts: Parts) -> None:
    source_id = world.source()
    add_polls(world, parts, source_id, NEWS, UNCHANGED, UNCHANGED, UNCHANGED, FAILED, FAILED)
    page = editor.get_page(f"/admin/sources/{source_id}/polls")
    assert "with new or changed articles: 1<" in page
    assert "nothing new: 3<" in page
    assert "failed: 2<" in page

"""Without JavaScript: sources are put in a folder, it is renamed and called as before, and fetches are read."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from digest.parts import Parts
from digest.settings import Settings
from digest.sources.states import PollOutcome
from digest.sources.store import polls
from digest.sources.store.polls import Poll
from tests.builders import World
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
expect.set_options(timeout=30_000)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
def page(app: Flask, settings: Settings, world: World, parts: Parts, browser: Browser) -> Iterator[Page]:
    """A newsroom with three sources, of which one was polled."""
    for title in ("Almaty Post", "Baku Post", "Cairo Post"):
        source_id = world.source(title)
    with parts.db.begin() as tx:
        polls.add(tx, source_id, Poll(PollOutcome.READ, 200, entries=20, new=2), world.clock())
    with serve(app, settings), signed_in(browser, app, settings, role="editor", javascript=False) as page:
        yield page


def test_sources_are_moved_to_a_folder_which_is_renamed_and_called_as_before(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 800})
    page.goto("/admin/sources?sort=title")
    page.get_by_label("Almaty Post", exact=True).check()
    page.get_by_label("Baku Post", exact=True).check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("Enter the name of a folder.")).to_be_visible()
    expect(page.get_by_label("Baku Post", exact=True)).to_be_checked()
    page.get_by_label("to the folder").fill("Asia/Central")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("2 sources are moved to Asia/Central.")).to_be_visible()
    page.get_by_label("Folder", exact=True).select_option("Asia")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_label("Cairo Post", exact=True)).to_have_count(0)
    page.get_by_text("Rename the folder “Asia”").click()
    page.get_by_label("New name").fill("The East")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("link", name="The East/Central").first).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 sources are moved back.")).to_be_visible()
    expect(page.get_by_role("link", name="Asia/Central").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="Cairo Post").click()
    page.get_by_role("link", name="All fetches of this source").click()
    expect(page.get_by_text("2 new articles")).to_be_visible()

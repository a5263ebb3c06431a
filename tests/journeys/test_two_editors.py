"""Two editors save one form, one of them without JavaScript on a phone; and several changes of the desk are undone."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from digest.parts import Parts
from digest.settings import Settings
from digest.sources.store import sources
from tests.builders import World
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
expect.set_options(timeout=30_000)
PHONE = 360  # pixels


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
def pages(app: Flask, settings: Settings, world: World, browser: Browser) -> Iterator[tuple[Page, Page]]:
    """Two editors in a newsroom with seven stories; the second one has no JavaScript."""
    for _ in range(7):
        world.article(countries=["KZ"])
    with (
        serve(app, settings),
        signed_in(browser, app, settings, role="editor") as first,
        signed_in(browser, app, settings, role="editor", javascript=False) as second,
    ):
        second.set_viewport_size({"width": PHONE, "height": 800})
        yield first, second


def test_the_second_save_shows_the_first_and_replaces_it_only_when_it_is_saved_again(
    pages: tuple[Page, Page], parts: Parts
) -> None:
    first, second = pages
    for page in pages:
        page.goto("/admin/sources/1")
    first.get_by_label("Title").fill("The Steppe Daily")
    first.get_by_label("Weight").fill("2")
    first.get_by_role("button", name="Save", exact=True).click()
    expect(first.get_by_text("The home country applies")).to_be_visible()
    second.get_by_label("Title").fill("Steppe Post")
    second.get_by_label("Licence or credit").fill("CC BY 4.0")
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody else has changed this")
    expect(second.get_by_role("alert")).to_contain_text("desk@example.org")
    expect(second.get_by_text("Stored now: The Steppe Daily")).to_be_visible()
    expect(second.get_by_label("Title")).to_have_value("Steppe Post")
    expect(second.get_by_label("Weight")).to_have_value("2.0")
    assert second.evaluate("document.documentElement.scrollWidth") == PHONE
    second.get_by_role("button", name="Save", exact=True).click()
    expect(second.get_by_text("The home country applies")).to_be_visible()
    with parts.db.read() as tx:
        row = sources.by_id(tx, 1)
    assert (row.title, row.weight, row.attribution) == ("Steppe Post", 2.0, "CC BY 4.0")


def test_the_key_undoes_one_change_after_the_other_and_so_does_the_button(pages: tuple[Page, Page]) -> None:
    first, second = pages
    first.goto("/admin/today")
    expect(first.locator("article.desk-story")).to_have_count(7)
    first.keyboard.press("j")
    for left in (6, 5, 4, 3, 2):
        first.keyboard.press("h")
        expect(first.locator("article.desk-story")).to_have_count(left)
    for _ in range(5):  # faster than the answers come
        first.keyboard.press("u")
    expect(first.locator("article.desk-story")).to_have_count(7)
    expect(first.locator("[data-undo]")).to_have_count(0)
    expect(first.locator(".notice.error")).to_have_count(0)
    second.goto("/admin/today")
    for left in (6, 5):
        second.get_by_role("button", name="Hide").nth(1).click()
        expect(second.locator("article.desk-story")).to_have_count(left)
    for left in (6, 7):
        second.get_by_role("button", name="Undo last change").click()
        expect(second.locator("article.desk-story")).to_have_count(left)
    assert second.evaluate("document.documentElement.scrollWidth") == PHONE

"""An editor works through the day's stories in a browser: in place, by keys, on a phone, and without JavaScript."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from digest.parts import Parts
from digest.settings import Settings
from tests.builders import World
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
PHONE = 360  # pixels
TWENTY_STORIES = 8_000  # pixels on a phone, with headlines of four lines
expect.set_options(timeout=30_000)
STORIES = 100


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
def page(app: Flask, settings: Settings, world: World, browser: Browser) -> Iterator[Page]:
    """The desk with a hundred stories about Kazakhstan."""
    for number in range(STORIES):
        world.article(countries=["KZ"], source=f"Paper {number % 7}")
    with serve(app, settings), signed_in(browser, app, settings) as page:
        page.goto("/admin/today")
        yield page


def titles(page: Page) -> list[str]:
    return page.locator(".headline a").all_inner_texts()


def scrolled(page: Page) -> int:
    top: int = page.evaluate("Math.round(scrollY)")
    return top


def test_hiding_a_story_that_was_just_pinned_goes_on_with_the_one_after_it(page: Page) -> None:
    first = titles(page)
    for _ in range(4):
        page.keyboard.press("j")
    page.keyboard.press("p")
    expect(page.get_by_text("1 story is pinned.", exact=True)).to_be_visible()
    expect(page.locator("article.desk-story").first).to_contain_text(first[3])
    page.keyboard.press("h")
    expect(page.get_by_text("1 story is hidden.", exact=True)).to_be_visible()
    expect(page.locator("article.desk-story:focus")).to_contain_text(titles(page)[0])


def test_stories_are_hidden_pinned_and_merged_in_place_by_keys(page: Page, parts: Parts) -> None:
    first = titles(page)
    assert len(first) == 15
    page.evaluate("window.isSamePage = true")
    page.keyboard.press("j")
    for _ in range(11):
        page.keyboard.press("j")
    expect(page.locator("article.desk-story:focus")).to_contain_text(first[11])
    top = scrolled(page)
    assert top > 500
    page.keyboard.press("h")
    expect(page.get_by_text("1 story is hidden.", exact=True)).to_be_visible()
    expect(page.locator(".headline", has_text=first[11])).to_have_count(0)
    assert abs(scrolled(page) - top) < 60
    expect(page.locator("article.desk-story:focus")).to_contain_text(first[12])
    page.keyboard.press("u")
    expect(page.get_by_text("1 story is shown again.")).to_be_visible()
    assert sorted(titles(page)) == sorted(first)
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.get_by_text("Selected stories: 2")).to_be_visible()
    page.keyboard.press("m")
    expect(page.get_by_text("2 stories are merged into one.", exact=True)).to_be_visible()
    expect(page.get_by_text("Selected stories: 2")).to_have_count(0)
    expect(page.get_by_text("1 to 15 of 99")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_text("The stories are separate again.")).to_be_visible()
    page.keyboard.press("p")
    expect(page.get_by_text("1 story is pinned.", exact=True)).to_be_visible()
    expect(page.locator(".desk-story").first).to_contain_text("pinned")
    assert page.evaluate("window.isSamePage") is True


def test_a_wrong_country_keeps_what_was_typed_and_details_stay_open(page: Page) -> None:
    stories = page.locator(".desk-story")
    stories.nth(1).get_by_text("Why it stands here").click()
    third = stories.nth(2)
    third.get_by_text("Change countries").click()
    third.get_by_label("Countries or groups").fill("Georgia, Atlantys")
    third.get_by_role("button", name="Save countries").click()
    expect(page.get_by_label("Countries or groups").and_(page.locator("[aria-invalid=true]"))).to_have_value(
        "Georgia, Atlantys"
    )
    expect(stories.nth(1).locator("details[open]")).to_have_count(1)
    page.locator("[aria-invalid=true]").fill("Georgia, Armenia")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The countries are saved.", exact=True)).to_be_visible()
    expect(page.locator(".desk-story .where", has_text="Armenia").filter(has_text="Georgia")).to_have_count(1)


def test_the_keys_are_listed_and_can_be_turned_off(page: Page) -> None:
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("merge the selected stories")
    dialog.get_by_label("Use these keys").uncheck()
    dialog.get_by_role("button", name="Close").click()
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    page.keyboard.press("j")
    assert page.locator("article.desk-story:focus").count() == 0


def test_the_button_to_undo_leaves_after_ten_seconds(page: Page) -> None:
    page.clock.install()
    page.goto("/admin/today")
    page.clock.pause_at(datetime.now(UTC) + timedelta(hours=1))
    page.keyboard.press("j")
    page.keyboard.press("h")
    undo = page.get_by_role("button", name="Undo", exact=True)
    for _ in range(80):  # eight seconds of the page's clock at most, while the answer comes
        page.clock.run_for(100)
        if undo.is_visible():
            break
        time.sleep(0.2)
    expect(undo).to_be_visible()
    page.clock.run_for(12_000)
    expect(undo).to_have_count(0)


def test_the_desk_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": PHONE, "height": 740})
    page.goto("/admin/today")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    assert page.evaluate("document.documentElement.scrollHeight") < TWENTY_STORIES


def test_without_javascript_a_change_returns_to_the_place(
    page: Page, app: Flask, settings: Settings, browser: Browser
) -> None:
    with signed_in(browser, app, settings, javascript=False) as plain:
        plain.goto("/admin/today?region=kz")
        first = titles(plain)
        plain.locator(".desk-story").nth(9).get_by_role("button", name="Hide").click()
        expect(plain.get_by_text("1 story is hidden.", exact=True)).to_be_visible()
        assert "region=kz#story-" in plain.url
        assert first[9] not in titles(plain)
        plain.get_by_role("button", name="Undo", exact=True).click()
        expect(plain.get_by_text("1 story is shown again.")).to_be_visible()
        assert sorted(titles(plain)) == sorted(first)

"""An editor says that some words never mean a country, sees the tags go, and takes it back: in a browser."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from digest.articles import moderation
from digest.parts import Parts
from digest.settings import Settings
from tests.builders import World
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
PHONE = 360  # pixels
TITLES = ("Georgia bulldogs win", "Old Georgia bulldogs rest", "Georgia opens a bridge over the Kura")
ABOUT_GEORGIA = "/admin/articles?country=GE"
expect.set_options(timeout=30_000)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
def news(app: Flask, settings: Settings, world: World, parts: Parts) -> Iterator[None]:
    """Three articles about Georgia, two of them because of a team."""
    for number, title in enumerate(TITLES, 1):
        world.article(title, text="Georgia is in the news for the third day of this long week.")
        moderation.reset_tags(parts.db, parts.ingest.tagger, number, parts.clock())
    with serve(app, settings):
        yield


def exclude_the_team(page: Page) -> None:
    """From the list of articles to the words of a tag, and the form."""
    page.goto(ABOUT_GEORGIA)
    expect(page.locator("article.story")).to_have_count(3)
    page.get_by_role("link", name=TITLES[0]).click()
    page.get_by_role("link", name="Never means Georgia… Georgia").first.click()
    words = page.get_by_label("Name or words")
    expect(words).to_have_value("Georgia")
    words.press("Enter")  # the name alone
    expect(page.get_by_text("is the name of the country itself")).to_be_visible()
    expect(words).to_be_focused()
    words.fill("Georgia Bulldogs")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
    page.get_by_role("button", name="Save words").click()
    expect(page.get_by_text("2 articles were tagged again.")).to_be_visible()
    expect(page.get_by_text("No country found.")).to_be_visible()


@pytest.mark.usefixtures("news")
@pytest.mark.parametrize("javascript", [True, False])
def test_words_of_a_tag_are_excluded_seen_and_taken_back(
    browser: Browser, app: Flask, settings: Settings, *, javascript: bool
) -> None:
    with signed_in(browser, app, settings, role="editor", javascript=javascript) as page:
        page.set_viewport_size({"width": PHONE, "height": 740})
        exclude_the_team(page)
        page.goto(ABOUT_GEORGIA)
        expect(page.locator("article.story")).to_have_count(1)
        page.get_by_role("link", name="Words that never mean a country").click()
        row = page.get_by_role("row").filter(has_text="Georgia Bulldogs")
        expect(row).to_contain_text("all sources")
        expect(row).to_contain_text("2 the last one")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE
        row.get_by_role("button", name="Remove").click()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_text("Georgia Bulldogs").first).to_be_visible()
        page.get_by_role("button", name="Remove Georgia Bulldogs").click()
        page.goto(ABOUT_GEORGIA)
        expect(page.locator("article.story")).to_have_count(3)

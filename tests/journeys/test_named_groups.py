"""An editor adds a named group, readers find and choose it, it is retired and restored: in a browser, no restart."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import Site

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.long]
NEW_PASSWORD = "a new password for the editor"
PHONE = 360  # pixels

FRESH_FORM = "/?fresh=1"  # the form without more in its address is kept for a minute


@pytest.fixture(scope="module")
def newsroom(browser: Browser, site: Site) -> Iterator[Page]:
    """The editor's window, signed in, with a password of their own."""
    context = browser.new_context(base_url=site.url)
    page = context.new_page()
    page.goto("/admin/")
    page.get_by_label("E-mail").fill("admin@dateline.example")
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Current password").fill(site.password)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("New password again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("link", name="Sources")).to_be_visible()
    page.goto("/admin/regions")
    yield page
    context.close()


@pytest.fixture
def reader(browser: Browser, site: Site) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, viewport={"width": PHONE, "height": 740})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("start", ["/", "/?lang=en"])
def test_typing_finds_regions_by_other_names_peoples_and_capitals(reader: Page, start: str) -> None:
    reader.goto(start)
    find = reader.get_by_label("Search for a region or country")
    for typed, name in (
        ("Tashkent", "Uzbekistan"),
        ("Kazakh", "Kazakhstan"),
        ("Holland", "Netherlands"),
        ("Burma", "Myanmar"),
        ("Германия", "Germany"),
    ):
        find.fill(typed)
        expect(reader.locator("[data-regions] li:visible", has_text=name).last).to_be_visible()
        expect(reader.get_by_text("Brazil", exact=True)).to_be_hidden()
    find.fill("qqqqqq")
    expect(reader.get_by_text("No region found")).to_be_visible()
    find.fill("")
    expect(reader.get_by_text("No region found")).to_be_hidden()


def test_without_javascript_the_button_finds_the_same(browser: Browser, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Search for a region or country").fill("Tashkent")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("[data-regions] li")).to_have_count(1)
    page.get_by_role("checkbox", name="Uzbekistan").check()
    page.get_by_label("Search for a region or country").fill("Tbilisi")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("checkbox", name="Georgia").check()
    assert page.locator("input[name=regions][value=uz][type=hidden]").count() == 1
    context.close()


def test_a_group_that_an_editor_makes_is_on_the_readers_form(newsroom: Page, reader: Page) -> None:
    newsroom.get_by_role("button", name="New group").click()
    newsroom.get_by_label("Name in English").fill("Silk Road")
    newsroom.get_by_label("Slug").fill("silk-road")
    newsroom.get_by_label("Aliases").fill("Great Silk Road")
    find = newsroom.get_by_label("Search for a region or country")
    for typed, name in (("Tashkent", "Uzbekistan"), ("Astana", "Kazakhstan")):
        find.fill(typed)
        newsroom.get_by_role("checkbox", name=name).first.check()
    newsroom.get_by_label("Source and date of the definition").fill("Our readers' wish, 2026")
    newsroom.get_by_role("button", name="Save").last.click()
    expect(newsroom.get_by_text("Subscribers can choose it now")).to_be_visible()
    reader.goto(FRESH_FORM)
    reader.get_by_label("Search for a region or country").fill("great silk")
    box = reader.get_by_role("checkbox", name="Silk Road")
    box.check()
    expect(reader.get_by_role("button", name="Remove Silk Road")).to_be_visible()
    assert reader.evaluate("document.documentElement.scrollWidth") <= PHONE


def test_a_retired_group_leaves_the_form_and_is_restored(newsroom: Page, reader: Page) -> None:
    newsroom.goto("/admin/regions/silk-road")
    newsroom.get_by_role("link", name="Retire…").click()
    expect(newsroom.get_by_text("No subscriber has chosen it.")).to_be_visible()
    newsroom.get_by_role("button", name="Retire").click()
    expect(newsroom.get_by_role("heading", name="Retired")).to_be_visible()
    reader.goto(FRESH_FORM)
    assert reader.locator("input[value=silk-road]").count() == 0
    newsroom.get_by_role("button", name="Restore").click()
    reader.goto(FRESH_FORM)
    assert reader.locator("input[value=silk-road]").count() == 1


def test_a_slow_action_shows_a_text_beside_its_button(newsroom: Page) -> None:
    newsroom.goto("/admin/sources")
    newsroom.evaluate(
        "document.addEventListener('submit', (event) => event.preventDefault())"
    )  # no answer comes
    newsroom.get_by_label("Address of a news site or its feed").fill("news.example")
    newsroom.get_by_role("button", name="Preview").click()
    expect(newsroom.get_by_text("One moment…")).to_be_visible()
    newsroom.goto("/admin/sources")
    expect(newsroom.get_by_text("One moment…")).to_be_hidden()


def test_the_pages_of_the_newsroom_fit_a_phone(newsroom: Page) -> None:
    newsroom.set_viewport_size({"width": PHONE, "height": 740})
    newsroom.goto("/admin/")
    menu = newsroom.locator("nav a[href^='/admin']").evaluate_all("links => links.map(a => a.pathname)")
    assert "/admin/suppressions" in menu
    for path in (*menu, "/admin/regions/nato", "/admin/regions/new", "/admin/regions?q=Tashkent"):
        newsroom.goto(path)
        assert newsroom.evaluate("document.documentElement.scrollWidth") <= PHONE, path

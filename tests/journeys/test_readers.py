"""A reader's way: choose, look, subscribe, get the first digest, change, leave, come back.

With the keyboard, and in Russian and Persian without scripts.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from digest.editions.pure.edition_spec import CUTOFF_MARGIN
from tests.journeys.conftest import Site, dateline_up
from tests.waiting import wait_until

pytestmark = [pytest.mark.release, pytest.mark.browser]
SOON = 90_000  # milliseconds; the machine may be busy
FAR_ZONE = "Pacific/Kiritimati"  # whatever the hour is, one of these two is far from 07:00
OTHER_ZONE = "Pacific/Honolulu"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A local trial with the sample news, which are older than the cutoff of an edition that is planned now."""
    folder: Path = tmp_path_factory.mktemp("readers")
    with dateline_up(folder) as running:

        def has_news() -> bool:
            with urlopen(f"{running.url}/digest-today/count?regions=world", timeout=60) as answer:
                return b"About 0 " not in answer.read()

        wait_until(has_news, "the sample news", 400)  # counts are kept for five minutes
        time.sleep(CUTOFF_MARGIN.total_seconds() + 5)
        yield running


def far_zone() -> str:
    """A zone in which 07:00 is more than an hour away, so that a first digest comes at once."""
    hour_there = (time.gmtime().tm_hour + 14) % 24
    return OTHER_ZONE if hour_there in (5, 6, 7) else FAR_ZONE


def letter_link(page: Page, site: Site, address: str, purpose: str) -> str:
    """The link of the newest mail to an address in the outbox."""

    def mails() -> int:
        page.goto("/outbox")
        return page.get_by_role("row").filter(has_text=address).count()

    wait_until(lambda: mails() > 0, f"a mail to {address}")
    page.get_by_role("row").filter(has_text=address).first.get_by_role("link").click()
    found = re.search(rf"{re.escape(site.url)}/{purpose}/[\w.-]+", page.content())
    assert found, page.content()
    return found[0]


@pytest.mark.parametrize(("language", "scripts"), [("en", True), ("ru", False), ("fa", False)])
def test_the_whole_way_of_a_reader(site: Site, browser: Browser, *, language: str, scripts: bool) -> None:
    context = browser.new_context(
        base_url=site.url, locale=language, timezone_id=far_zone(), java_script_enabled=scripts
    )
    context.set_default_timeout(SOON)
    page, address = context.new_page(), f"reader-{language}@example.com"

    page.goto("/")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", "rtl" if language == "fa" else "ltr")
    page.locator("[data-picks] input[value=central-asia]").check()
    if scripts:
        expect(page.locator("[data-about]")).to_contain_text("a day", timeout=SOON)
        page.locator("#zone").focus()
        expect(page.locator("#zone")).to_have_value(far_zone())
    page.locator("#zone").select_option(far_zone())
    page.locator("#email").fill(address)
    page.locator("#email").press("Enter")
    page.wait_for_url("**/sent*")

    page.goto(letter_link(page, site, address, "confirm"))
    page.locator("main form button").press("Enter")
    page.locator("main a[href*='/preferences/']").wait_for()
    preferences = page.locator("main a[href*='/preferences/']").get_attribute("href")
    assert preferences

    page.goto(preferences)
    page.locator("#time").select_option("07:30")
    page.locator("form.join button[type=submit]").last.press("Enter")
    page.locator(".notice.success").wait_for()
    expect(page.locator("#time")).to_have_value("07:30")

    page.locator("a[href*='/unsubscribe/']").click()
    page.locator("main form button").first.press("Enter")
    page.locator("form[action*='/undo'] button").press("Enter")
    page.locator("main h1").wait_for()
    context.close()


def test_the_first_digest_comes_at_once(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.url, locale="en", timezone_id=far_zone())
    context.set_default_timeout(SOON)
    page, address = context.new_page(), "first@example.com"
    page.goto("/?regions=world")
    page.locator("#email").fill(address)
    page.get_by_role("button", name="Subscribe").last.click()
    page.wait_for_url("**/sent")
    page.goto(letter_link(page, site, address, "confirm"))
    page.get_by_role("button", name="Yes, send me this digest").click()
    expect(page.get_by_text("Your first digest is on its way to you now.")).to_be_visible()
    expect(page.locator("article.story").first).to_be_visible()

    def arrived() -> bool:
        page.goto("/outbox")
        rows = page.get_by_role("row").filter(has_text=address).filter(has_text="Your first digest:")
        return rows.count() == 1

    wait_until(arrived, "the first digest", 240)
    context.close()


def test_regions_are_chosen_on_the_map_by_keyboard(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.url, locale="en")
    context.set_default_timeout(SOON)
    page = context.new_page()
    page.goto("/?regions=central-asia")
    page.get_by_text("Choose on the map").click()
    kazakhstan = page.get_by_role("checkbox", name="Kazakhstan").and_(page.locator("svg *"))
    expect(kazakhstan).to_be_checked()  # as a part of Central Asia

    page.locator("svg [data-slug=fr]").focus()
    page.keyboard.press("ArrowRight")  # to the nearest country in that direction
    neighbour = page.locator("svg [data-slug=ch]")
    expect(neighbour).to_be_focused()
    page.keyboard.press("Space")
    expect(neighbour).to_be_checked()
    expect(page.locator("[data-order] .name")).to_have_text(["Central Asia", "Switzerland"])

    page.get_by_label("A click chooses").select_option("continent")
    neighbour.focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-order] .name")).to_have_text(["Central Asia", "Switzerland", "Europe"])
    expect(page.locator("svg [data-slug=no]")).to_be_checked()
    expect(page.locator("svg [data-slug=jp]")).not_to_be_checked()
    context.close()

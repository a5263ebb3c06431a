"""In a browser: an editor writes the note of the day and sees it in the mail; an admin gives the site its look."""

import io
from collections.abc import Iterator

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from digest.settings import Settings
from tests.builders import World
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
expect.set_options(timeout=30_000)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
def page(app: Flask, settings: Settings, world: World, browser: Browser) -> Iterator[Page]:
    """A newsroom with one story about Kazakhstan."""
    world.article("Astana plants trees", ["KZ"])
    with serve(app, settings), signed_in(browser, app, settings) as page:
        yield page


def test_a_note_and_a_subject_are_seen_in_the_mail_beside_them_and_taken_back(page: Page) -> None:
    page.goto("/admin/today?region=kz")
    page.evaluate("window.isSamePage = true")
    notes, mail = page.locator("#day-notes"), page.frame_locator(".preview-frame")
    expect(mail.get_by_text("Astana plants trees").first).to_be_visible()
    notes.locator("summary").click()
    notes.get_by_label("Note above the news").fill("Read *this* **first**.")
    expect(page.locator("#note-preview strong")).to_have_text("first")  # before anything is saved
    notes.get_by_label("Subject of the mail").fill("A day of trees")
    notes.get_by_role("button", name="Save for today").click()
    expect(notes.get_by_text("is saved.")).to_be_visible()
    expect(mail.locator("strong", has_text="A day of trees")).to_be_visible()
    expect(mail.locator("strong", has_text="first")).to_be_visible()
    notes.get_by_role("button", name="Undo").click()
    expect(mail.locator("strong", has_text="A day of trees")).to_have_count(0)
    expect(mail.locator("strong", has_text="first")).to_have_count(0)
    assert page.evaluate("window.isSamePage") is True


def test_a_look_is_seen_before_it_is_saved_on_the_site_after_it_and_undone(page: Page) -> None:
    logo = io.BytesIO()
    Image.new("RGB", (160, 80), "navy").save(logo, "PNG")
    page.goto("/admin/look")
    frame = page.frame_locator("iframe[name=look-frame]")
    page.get_by_label("Name of the publication").fill("Silk Road")
    page.get_by_label("Footer").fill("Made by **us**")
    page.locator("#logo_file").set_input_files(
        {"name": "logo.png", "mimeType": "image/png", "buffer": logo.getvalue()}
    )
    expect(frame.locator(".wordmark")).to_contain_text("Silk Road")
    expect(frame.locator(".wordmark img")).to_be_visible()
    page.locator("#colour").fill("#ffdd00")
    expect(frame.get_by_text("The nearest colour that can be read is")).to_be_visible()
    page.locator("#colour").fill("#8b0050")
    page.locator("[name=show]").select_option("mail")
    page.locator("[name=preview_language]").select_option("fa")
    expect(frame.locator("[dir=rtl] .brand")).to_contain_text("Silk Road")
    expect(frame.locator(".where").first).to_have_css("color", "rgb(139, 0, 80)")
    page.locator("#look-form").get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("The look is saved.")).to_be_visible()
    expect(page.locator("#main h1")).to_have_text("Look")
    assert page.evaluate("document.querySelector('.wordmark img').naturalWidth") == 160
    assert (
        page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')") == "#8b0050"
    )
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".masthead .wordmark")).to_contain_text("Dateline")

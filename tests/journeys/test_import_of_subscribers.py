"""A manager imports a list in a browser, from the upload to undoing it; the page follows the worker."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from digest.parts import Parts
from digest.settings import Settings
from digest.subscribers.imports import work
from tests.journeys.live_newsroom import on_free_port, serve, signed_in

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.xdist_group("journey")]
ROWS = "".join(f"reader{number}@r.example,2024-03-01 10:00:00\n" for number in range(40))
LIST = f"Email Address,CONFIRM_TIME\n{ROWS}nobody at home,\n"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return on_free_port(settings)


@pytest.fixture
def page(app: Flask, settings: Settings, browser: Browser) -> Iterator[Page]:
    with serve(app, settings), signed_in(browser, app, settings, role="manager") as page:
        yield page


def run_worker(parts: Parts) -> None:
    work.work_on_all(parts.db, parts.import_rules(), parts.clock)


def test_a_list_is_imported_and_undone(page: Page, parts: Parts) -> None:
    page.goto("/admin/subscribers")
    page.get_by_role("link", name="Import subscribers").click()
    page.get_by_label("Where the list is from").select_option("mailchimp")
    page.locator("#file").set_input_files(
        {"name": "list.csv", "mimeType": "text/csv", "buffer": LIST.encode()}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_label("E-mail address")).to_have_value("")
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_text("No column has regions")).to_be_visible()
    page.locator("#default_regions").fill("Central Asia")
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_text("The list is being checked.")).to_be_visible()
    run_worker(parts)
    expect(page.get_by_role("heading", name="What the import would do")).to_be_visible()
    expect(page.get_by_text("line 42")).to_be_visible()
    page.get_by_label("What these people agreed to").fill("The week in Asia")
    page.get_by_label("How it can be shown").fill("double opt-in since 2021")
    page.get_by_label("All of them agreed").check()
    page.get_by_role("button", name="Import 40 subscribers").click()
    expect(page.get_by_text("The list is being imported.")).to_be_visible()
    run_worker(parts)
    expect(page.get_by_role("heading", name="The import is done")).to_be_visible()
    page.get_by_role("link", name="Undo the import").click()
    page.get_by_role("button", name="Undo the import").click()
    run_worker(parts)
    expect(page.get_by_role("heading", name="The import is undone")).to_be_visible()

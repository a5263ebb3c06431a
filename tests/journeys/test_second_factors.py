"""Second factors in a real browser: a passkey of Chromium's virtual authenticator, and an authenticator app."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pyotp
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import Site, dateline_up, free_port

pytestmark = [pytest.mark.release, pytest.mark.browser, pytest.mark.long]
NEW_PASSWORD = "other words in a row"
ADMIN = "admin@dateline.example"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with a name: browsers make no passkey for an IP address."""
    folder: Path = tmp_path_factory.mktemp("passkeys")
    port = free_port()
    with dateline_up(folder, port=port, DATELINE_DEMO="0", BASE_URL=f"http://localhost:{port}") as running:
        yield running


@pytest.fixture(scope="module")
def context(site: Site, browser: Browser) -> Iterator[BrowserContext]:
    """The browser of the admin, who has chosen a password."""
    opened = browser.new_context(base_url=site.url)
    page = opened.new_page()
    page.goto("/admin/sign-in")
    page.get_by_label("E-mail address").fill(ADMIN)
    page.get_by_label("Password").fill(site.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Current password").fill(site.password)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("New password again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.close()
    yield opened
    opened.close()


def add_authenticator(page: Page) -> None:
    """Give the browser a device that keeps passkeys and verifies its user."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }})  # fmt: skip


def fits(page: Page) -> None:
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


PAGES = (
    "/admin/sign-in", "/admin/forgotten", "/admin/password/no-such-link", "/admin/security", "/admin/security/app",
    "/admin/security/passkeys/new", "/admin/password", "/admin/accounts", "/admin/audit",
)  # fmt: skip


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_every_window(
    browser: Browser, context: BrowserContext, site: Site, width: int, scheme: Literal["light", "dark"]
) -> None:
    signed_in = browser.new_context(
        base_url=site.url,
        storage_state=context.storage_state(),
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    page = signed_in.new_page()
    for path in PAGES:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        fits(page)
        assert not re.search(r"\bNone\b|\{\{|\}\}", page.locator("main").inner_text()), path
    signed_in.close()


def test_a_passkey_is_added_and_signs_in_without_a_password(context: BrowserContext) -> None:
    page = context.new_page()
    add_authenticator(page)
    page.goto("/admin/security")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name").fill("my laptop")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.goto("/admin/audit?security=1")
    expect(page.get_by_role("row").filter(has_text="signed in").first).to_contain_text("passkey")
    page.goto("/admin/security")
    page.get_by_role("button", name="Remove my laptop").click()
    expect(page.get_by_text("The passkey “my laptop” is removed.")).to_be_visible()
    page.close()


def test_an_authenticator_app_is_set_up_and_asked_for_without_any_script(
    context: BrowserContext, browser: Browser, site: Site
) -> None:
    cookies = context.cookies()
    plain = browser.new_context(base_url=site.url, java_script_enabled=False)
    plain.add_cookies(cookies)  # type: ignore[arg-type]
    page = plain.new_page()
    page.goto("/admin/security/app")
    key = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_role("textbox", name="Code").fill("000000")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("This code is not right")).to_be_visible()
    assert page.locator("code.secret").inner_text().replace(" ", "") == key
    now = datetime.now(UTC)
    page.get_by_role("textbox", name="Code").fill(pyotp.TOTP(key).at(now))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("The authenticator app is set up.")).to_be_visible()
    page.get_by_role("button", name="Make new codes").click()
    recovery_code = page.locator(".recovery-codes code").first.inner_text()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("E-mail address").fill(ADMIN)
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("textbox", name="Code").fill(recovery_code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    plain.close()

"""The application in this process on a real port, with a stopped clock, so that a browser sees what builders wrote."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import make_server

from digest.settings import Settings
from tests.journeys.conftest import free_port
from tests.web.browser_session import add_account

EMAIL = "desk@example.org"


def on_free_port(settings: Settings) -> Settings:
    """The settings of a site on this machine."""
    return replace(settings, base_url=f"http://127.0.0.1:{free_port()}")


@contextmanager
def serve(app: Flask, settings: Settings) -> Iterator[None]:
    """Serve the application at its BASE_URL."""
    port = int(settings.base_url.rpartition(":")[2])
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def signed_in(
    browser: Browser, app: Flask, settings: Settings, *, role: str = "admin", javascript: bool = True
) -> Iterator[Page]:
    """A page of somebody who is signed in with a new account of this role."""
    email = EMAIL if javascript else f"plain-{EMAIL}"
    password = add_account(app, email, role)
    context: BrowserContext = browser.new_context(base_url=settings.base_url, java_script_enabled=javascript)
    page = context.new_page()
    page.goto("/admin/sign-in")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/admin/")
    yield page
    context.close()

"""A browser in the newsroom: it signs in, keeps its session, and sends the CSRF token of the page with each form."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.accounts import authentication
from digest.accounts.store import accounts as store
from digest.parts import EXTENSION_KEY
from tests.web.repeated_sign_in import repeat_or_sign_in

CSRF_FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
SLOT_FIELD = re.compile(r'name="slot" value="([^"]+)"')


@dataclass
class BrowserSession:
    """An editor's browser."""

    client: FlaskClient
    password: str = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, base_url="https://news.example.org", **kwargs)

    def get_page(self, path: str) -> str:
        """The text of a page. Fails unless the status is 200."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, form_page: str = "/admin/password"
    ) -> TestResponse:
        """Press a button on the page `form_page`: send its CSRF token with the data. The start page needs none."""
        page = self.get(form_page).text
        assert re.search(r'<form [^>]*method="post"', page), f"{form_page} has no form"
        token = CSRF_FIELD.search(page if form_page != "/" else self.get("/link").text)
        assert token, f"{form_page} has no token"
        return self.post_without_token(path, {**(data or {}), "csrf_token": token[1]}, referrer=form_page)

    def post_without_token(
        self, path: str, data: dict[str, Any], *, referrer: str = "/admin/"
    ) -> TestResponse:
        """Send a POST request without adding a CSRF token."""
        base = "https://news.example.org"
        return self.client.post(path, data=data, base_url=base, headers={"Referer": base + referrer})

    def follow(self, answer: TestResponse) -> str:
        """The page that an answer redirects to."""
        assert answer.status_code == 302, answer.text
        return self.get_page(answer.location)

    def page_after(self, answer: TestResponse) -> str:
        """What somebody sees after a form: the page that the answer redirects to, or the form again with its error."""
        return self.follow(answer) if answer.status_code == 302 else answer.text


def page_slot(page: str) -> str:
    """The slot on a page, which makes its button work only once."""
    found = SLOT_FIELD.search(page)
    assert found
    return found[1]


def add_account(app: Flask, email: str, role: str, *, password_changed: bool = True) -> str:
    """Add an account and return its password."""
    p = app.extensions[EXTENSION_KEY]
    password = authentication.create_account(p.db, email, role, now=p.clock())
    if password_changed:
        with p.db.begin() as tx:
            found = store.find_by_email(tx, email)
            assert found
            found.one_time = False
    return password


def sign_in_as(app: Flask, role: str = "editor") -> BrowserSession:
    """A browser that is signed in with an account of this role. Most repeat what the first sign-in left."""
    return BrowserSession(*repeat_or_sign_in(app, role, lambda: _sign_in(app, role)))


def sign_in_by_the_pages(app: Flask, role: str = "editor") -> BrowserSession:
    """The same for tests of what happens when somebody signs in."""
    return BrowserSession(*_sign_in(app, role))


def _sign_in(app: Flask, role: str) -> tuple[FlaskClient, str]:
    email = f"{role}@example.org"
    made = BrowserSession(app.test_client(), add_account(app, email, role))
    answer = made.post(
        "/admin/sign-in", {"email": email, "password": made.password}, form_page="/admin/sign-in"
    )
    assert answer.status_code == 302, answer.text
    return made.client, made.password

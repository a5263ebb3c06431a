"""A browser in the newsroom: it signs in, keeps its session, and takes the CSRF token from the page before it posts."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.accounts import authentication, store
from digest.parts import KEY

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
SLOT = re.compile(r'name="slot" value="([^"]+)"')


@dataclass
class Desk:
    """An editor's browser."""

    client: FlaskClient
    password: str = ""

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, base_url="https://news.example.org", **kwargs)

    def page(self, path: str) -> str:
        """A page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, on: str = "/admin/password"
    ) -> TestResponse:
        """Press a button on the page `on`."""
        token = TOKEN.search(self.get(on).text)
        assert token, f"{on} has no form"
        return self.post_bare(path, {**(data or {}), "csrf_token": token[1]}, came_from=on)

    def post_bare(self, path: str, data: dict[str, Any], *, came_from: str = "/admin/") -> TestResponse:
        """Post without a token of its own."""
        base = "https://news.example.org"
        return self.client.post(path, data=data, base_url=base, headers={"Referer": base + came_from})

    def follow(self, answer: TestResponse) -> str:
        """The page that an answer redirects to."""
        assert answer.status_code == 302, answer.text
        return self.page(answer.location)


def slot_of(page: str) -> str:
    """The name that makes a page's button work once."""
    found = SLOT.search(page)
    assert found
    return found[1]


def account(app: Flask, email: str, role: str, *, own_password: bool = True) -> str:
    """An account; returns its password."""
    p = app.extensions[KEY]
    password = authentication.add(p.db, email, role, now=p.reader.clock())
    if own_password:
        with p.db.begin() as tx:
            found = store.by_email(tx, email)
            assert found
            found.one_time = False
    return password


def desk(app: Flask, role: str = "editor") -> Desk:
    """A browser, signed in as somebody of a role."""
    email = f"{role}@example.org"
    made = Desk(app.test_client(), account(app, email, role))
    answer = made.post("/admin/sign-in", {"email": email, "password": made.password}, on="/admin/sign-in")
    assert answer.status_code == 302, answer.text
    return made

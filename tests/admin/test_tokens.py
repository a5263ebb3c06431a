"""The page with the tokens of the API: for admins, and a secret is shown once."""

import re

from flask import Flask

from digest.accounts import api_tokens
from digest.parts import Parts
from tests.web.browser_session import BrowserSession, sign_in_as

SECRET = re.compile(r"<code>(dateline_[\w-]+)</code>")
FORM = {"name": "intranet", "read": "y", "networks": "192.0.2.0/24, 2001:db8::/48", "days": "30"}


def test_a_new_token_is_shown_once_and_works(admin: BrowserSession, parts: Parts) -> None:
    answer = admin.post("/admin/tokens", FORM, form_page="/admin/tokens")
    secret = SECRET.search(answer.text)
    assert secret
    assert answer.headers["Cache-Control"] == "no-store"
    page = admin.get_page("/admin/tokens")
    assert "intranet" in page
    assert secret[1] not in page
    holder = api_tokens.find_holder(parts.db, secret[1], address="192.0.2.1", now=parts.clock())
    assert holder.scopes == {"read"}


def test_a_token_is_revoked_after_a_question(admin: BrowserSession, parts: Parts) -> None:
    admin.post("/admin/tokens", FORM, form_page="/admin/tokens")
    assert "Revoke the token intranet?" in admin.get_page("/admin/tokens/1/revoke")
    answer = admin.post("/admin/tokens/1/revoke", form_page="/admin/tokens/1/revoke")
    assert "is revoked" in admin.follow(answer)
    assert "1 is not" not in admin.get_page("/admin/tokens")
    assert admin.get("/admin/tokens/9/revoke").status_code == 404


def test_a_form_with_errors_makes_no_token(admin: BrowserSession) -> None:
    for wrong, words in (
        ({"name": ""}, "Enter a name."), ({"read": ""}, "at least one scope"), ({"networks": "x"}, "is not a network"),
        ({"days": "0"}, "between 1 and"),
    ):  # fmt: skip
        form = {name: value for name, value in {**FORM, **wrong}.items() if value}
        answer = admin.post("/admin/tokens", form, form_page="/admin/tokens")
        assert answer.status_code == 422
        assert words in answer.text
    assert "There are no tokens yet." in admin.get_page("/admin/tokens")


def test_managers_see_no_tokens(app: Flask) -> None:
    manager = sign_in_as(app, "manager")
    assert manager.get("/admin/tokens").status_code == 403
    assert "/admin/tokens" not in manager.get_page("/admin/")

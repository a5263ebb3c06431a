"""Making and closing accounts on the admin's page."""

import re

from digest.accounts import store as accounts
from digest.parts import Parts
from tests.web.browser_session import Desk


def test_a_one_time_password_is_shown_once_and_is_in_no_cookie(admin: Desk) -> None:
    answer = admin.post(
        "/admin/accounts", {"email": "new@example.org", "role": "editor"}, on="/admin/accounts"
    )
    shown = re.search(r"<code[^>]*>([0-9a-f-]{19})</code>", answer.text)
    assert shown
    assert shown[1] not in admin.page("/admin/accounts")
    assert shown[1] not in str(answer.headers)


def test_an_address_that_has_an_account_is_told_so(admin: Desk) -> None:
    answer = admin.post(
        "/admin/accounts", {"email": "admin@example.org", "role": "admin"}, on="/admin/accounts"
    )
    assert "has an account already" in admin.follow(answer)


def test_an_account_is_closed_and_opened_again(admin: Desk, editor: Desk, parts: Parts) -> None:
    with parts.db.read() as tx:
        found = accounts.by_email(tx, "editor@example.org")
    assert found
    admin.post(f"/admin/accounts/{found.id}/close", on="/admin/accounts")
    assert editor.get("/admin/").status_code == 302
    admin.post(f"/admin/accounts/{found.id}/reopen", on="/admin/accounts")
    with parts.db.read() as tx:
        assert accounts.by_id(tx, found.id).state == "active"


def test_a_new_password_is_asked_about_and_ends_the_sessions(admin: Desk, editor: Desk, parts: Parts) -> None:
    with parts.db.read() as tx:
        found = accounts.by_email(tx, "editor@example.org")
    assert found
    page = f"/admin/accounts/{found.id}/password"
    assert "is signed out" in admin.page(page)
    assert editor.get(page).status_code == 403
    assert editor.get("/admin/").status_code == 200
    assert "shown only here and now" in admin.post(page, on=page).text
    assert editor.get("/admin/").status_code == 302


def test_nobody_closes_their_own_account(admin: Desk, parts: Parts) -> None:
    with parts.db.read() as tx:
        found = accounts.by_email(tx, "admin@example.org")
    assert found
    answer = admin.post(f"/admin/accounts/{found.id}/close", on="/admin/accounts")
    assert "your own account" in admin.follow(answer)
    assert admin.get("/admin/accounts").status_code == 200


def test_an_editor_makes_no_accounts(editor: Desk) -> None:
    assert editor.post("/admin/accounts", {"email": "x@example.org", "role": "admin"}).status_code == 403

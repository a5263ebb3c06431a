"""Adding and closing accounts on the page for admins."""

import re

from digest.accounts import store as accounts
from digest.parts import Parts
from tests.web.browser_session import BrowserSession


def test_a_one_time_password_is_shown_once_and_is_in_no_cookie(admin: BrowserSession) -> None:
    answer = admin.post(
        "/admin/accounts", {"email": "new@example.org", "role": "editor"}, form_page="/admin/accounts"
    )
    shown = re.search(r"<code[^>]*>([0-9a-f-]{19})</code>", answer.text)
    assert shown
    assert shown[1] not in admin.get_page("/admin/accounts")
    assert shown[1] not in str(answer.headers)


def test_a_second_account_for_an_address_is_refused(admin: BrowserSession) -> None:
    answer = admin.post(
        "/admin/accounts", {"email": "admin@example.org", "role": "admin"}, form_page="/admin/accounts"
    )
    assert "has an account already" in admin.follow(answer)


def test_an_account_is_closed_and_opened_again(
    admin: BrowserSession, editor: BrowserSession, parts: Parts
) -> None:
    with parts.db.read() as tx:
        found = accounts.find_by_email(tx, "editor@example.org")
    assert found
    admin.post(f"/admin/accounts/{found.id}/close", form_page="/admin/accounts")
    assert editor.get("/admin/").status_code == 302
    admin.post(f"/admin/accounts/{found.id}/reopen", form_page="/admin/accounts")
    with parts.db.read() as tx:
        assert accounts.by_id(tx, found.id).state == "active"


def test_a_password_reset_is_confirmed_and_ends_the_sessions(
    admin: BrowserSession, editor: BrowserSession, parts: Parts
) -> None:
    with parts.db.read() as tx:
        found = accounts.find_by_email(tx, "editor@example.org")
    assert found
    page = f"/admin/accounts/{found.id}/password"
    assert "all sessions of the account end" in admin.get_page(page)
    assert editor.get(page).status_code == 403
    assert editor.get("/admin/").status_code == 200
    assert "shown only once" in admin.post(page, form_page=page).text
    assert editor.get("/admin/").status_code == 302


def test_nobody_closes_their_own_account(admin: BrowserSession, parts: Parts) -> None:
    with parts.db.read() as tx:
        found = accounts.find_by_email(tx, "admin@example.org")
    assert found
    answer = admin.post(f"/admin/accounts/{found.id}/close", form_page="/admin/accounts")
    assert "your own account" in admin.follow(answer)
    assert admin.get("/admin/accounts").status_code == 200


def test_an_editor_makes_no_accounts(editor: BrowserSession) -> None:
    assert editor.post("/admin/accounts", {"email": "x@example.org", "role": "admin"}).status_code == 403

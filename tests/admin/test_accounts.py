"""Adding and closing accounts on the page for admins."""

import re

import pytest
from flask import Flask

from digest.accounts.models import Account
from digest.accounts.store import accounts
from digest.deliveries.sending import letter_sender
from digest.parts import Parts
from tests.web.browser_session import BrowserSession, add_account

NEW = "other words in a row"
ONE_TIME_PASSWORD = re.compile(r"\b[0-9a-f]{4}(-[0-9a-f]{4}){3}\b")


def load(parts: Parts, email: str) -> Account:
    with parts.db.read() as tx:
        found = accounts.find_by_email(tx, email)
    assert found
    return found


def link_in_mail(parts: Parts, email: str) -> str:
    """Send the letters that wait; the path of the link in the one to this address."""
    letter_sender.send_letters(parts.db, parts.sending)
    mails = [mail.read_text() for mail in parts.settings.outbox.glob("*/*")]
    (mail,) = [text for text in mails if f"To: {email}" in text]
    found = re.search(r"https://news\.example\.org(/admin/password/\S+)", mail.replace("=\n", ""))
    assert found, mail
    return found[1]


def test_an_invited_person_chooses_a_password_by_the_link_in_the_mail(
    admin: BrowserSession, app: Flask, parts: Parts
) -> None:
    answer = admin.post(
        "/admin/accounts", {"email": "new@example.org", "role": "viewer"}, form_page="/admin/accounts"
    )
    assert "invitation is being sent" in admin.follow(answer)
    path = link_in_mail(parts, "new@example.org")
    browser = BrowserSession(app.test_client())
    assert browser.get(path).status_code == browser.get(path).status_code == 200  # opening changes nothing
    assert browser.post(path, {"new": NEW, "again": "x"}, form_page=path).status_code == 422
    answer = browser.post(path, {"new": NEW, "again": NEW}, form_page=path)
    assert answer.location == "/admin/sign-in"
    assert browser.get(path).status_code == 410
    form = {"email": "new@example.org", "password": NEW}
    assert browser.post("/admin/sign-in", form, form_page="/admin/sign-in").status_code == 302
    assert browser.get("/admin/articles").status_code == 200


def test_no_page_and_no_mail_shows_a_password(admin: BrowserSession, parts: Parts) -> None:
    form = {"email": "new@example.org", "role": "editor"}
    shown = admin.post("/admin/accounts", form, form_page="/admin/accounts").text
    link_in_mail(parts, "new@example.org")
    assert not ONE_TIME_PASSWORD.search(shown + admin.get_page("/admin/accounts"))
    assert not any(ONE_TIME_PASSWORD.search(mail.read_text()) for mail in parts.settings.outbox.glob("*/*"))


@pytest.mark.parametrize(
    ("email", "said"), [("admin@example.org", "account already"), ("ann", "not an e-mail")]
)
def test_a_refused_address_is_shown_beside_the_field_and_kept(
    admin: BrowserSession, email: str, said: str
) -> None:
    answer = admin.post("/admin/accounts", {"email": email, "role": "viewer"}, form_page="/admin/accounts")
    assert answer.status_code == 422
    assert said in answer.text.partition('id="email-error"')[2].partition("</p>")[0]
    assert f'value="{email}"' in answer.text
    assert '<option selected value="viewer">' in answer.text


def test_another_role_counts_at_once(admin: BrowserSession, editor: BrowserSession, parts: Parts) -> None:
    found = load(parts, "editor@example.org")
    assert editor.get("/admin/subscribers/1/erase").status_code == 403
    page = admin.post(f"/admin/accounts/{found.id}/role", {"role": "manager"}, form_page="/admin/accounts")
    assert "is now manager" in admin.follow(page)
    assert editor.get("/admin/subscribers/1/erase").status_code == 404
    own = load(parts, "admin@example.org")
    answer = admin.post(f"/admin/accounts/{own.id}/role", {"role": "viewer"}, form_page="/admin/accounts")
    assert "your own role" in admin.follow(answer)


def test_a_lost_password_is_replaced_by_mail_and_strangers_learn_nothing(app: Flask, parts: Parts) -> None:
    add_account(app, "ann@example.org", "editor")
    browser, pages = BrowserSession(app.test_client()), set()
    for email in ("ann@example.org", "nobody@example.org"):
        answer = browser.post("/admin/forgotten", {"email": email}, form_page="/admin/forgotten")
        assert answer.status_code == 200
        pages.add(answer.text.partition("<main")[2].partition("</main>")[0])
    assert len(pages) == 1
    path = link_in_mail(parts, "ann@example.org")
    assert len(list(parts.settings.outbox.glob("*/*"))) == 1
    browser.post(path, {"new": NEW, "again": NEW}, form_page=path)
    form = {"email": "ann@example.org", "password": NEW}
    assert browser.post("/admin/sign-in", form, form_page="/admin/sign-in").status_code == 302


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


def test_an_admin_sends_a_link_and_the_old_password_stays_until_it_is_used(
    admin: BrowserSession, editor: BrowserSession, parts: Parts
) -> None:
    page = f"/admin/accounts/{load(parts, 'editor@example.org').id}/password"
    assert "works once" in admin.get_page(page)
    assert editor.get(page).status_code == 403
    assert "link is being sent" in admin.follow(admin.post(page, form_page=page))
    assert editor.get("/admin/").status_code == 200
    assert link_in_mail(parts, "editor@example.org")


def test_nobody_closes_their_own_account(admin: BrowserSession, parts: Parts) -> None:
    with parts.db.read() as tx:
        found = accounts.find_by_email(tx, "admin@example.org")
    assert found
    answer = admin.post(f"/admin/accounts/{found.id}/close", form_page="/admin/accounts")
    assert "your own account" in admin.follow(answer)
    assert admin.get("/admin/accounts").status_code == 200


def test_an_editor_makes_no_accounts(editor: BrowserSession) -> None:
    assert editor.post("/admin/accounts", {"email": "x@example.org", "role": "admin"}).status_code == 403

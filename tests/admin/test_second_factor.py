"""Signing in with a second factor, and proving again who one is before what can't be undone."""

import re
import shutil
from pathlib import Path

import pyotp
import pytest
from flask import Flask

from digest.accounts.store import accounts, audit
from digest.accounts.store.audit import AuditFilters
from digest.app import create_app
from digest.parts import Parts
from digest.settings import Settings
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import CSRF_FIELD, BrowserSession, sign_in_as

CODES = re.compile(r'<code class="secret">([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>')


def set_up_app(browser: BrowserSession, clock: StoppedClock) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an authenticator app as its owner does; returns the app and the recovery codes."""
    page = browser.get_page("/admin/security/app")
    key = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page)
    assert key
    assert "<svg" in page
    app = pyotp.TOTP(key[1].replace(" ", ""))
    answer = browser.post("/admin/security/app", {"code": app.at(clock())}, form_page="/admin/security/app")
    assert answer.status_code == 200, answer.text
    clock.advance(seconds=60)
    return app, CODES.findall(answer.text)


def give_password(app: Flask, browser: BrowserSession, email: str) -> BrowserSession:
    """A new browser in which the right password was typed."""
    other = BrowserSession(app.test_client(), browser.password)
    form = {"email": email, "password": browser.password}
    answer = other.post("/admin/sign-in?next=/admin/articles", form, form_page="/admin/sign-in")
    assert answer.location == "/admin/sign-in/second"
    return other


def second(browser: BrowserSession, code: str) -> int:
    page = "/admin/sign-in/second"
    return browser.post(page, {"code": code}, form_page=page).status_code


def test_the_password_alone_opens_nothing_once_an_app_is_set_up(
    app: Flask, editor: BrowserSession, clock: StoppedClock
) -> None:
    phone, codes = set_up_app(editor, clock)
    assert len(codes) == 10
    other = give_password(app, editor, "editor@example.org")
    assert other.get("/admin/articles").location.startswith("/admin/sign-in")
    assert second(other, "000000") == 422
    page = "/admin/sign-in/second"
    answer = other.post(page, {"code": phone.at(clock())}, form_page=page)
    assert answer.location == "/admin/articles"
    assert other.get("/admin/articles").status_code == 200


def test_a_recovery_code_signs_in_once(app: Flask, editor: BrowserSession, clock: StoppedClock) -> None:
    _phone, codes = set_up_app(editor, clock)
    assert second(give_password(app, editor, "editor@example.org"), codes[0]) == 302
    assert second(give_password(app, editor, "editor@example.org"), codes[0]) == 422
    assert "9 codes are left" in editor.get_page("/admin/security")


def test_a_second_step_ends_after_ten_minutes_and_needs_a_first(
    app: Flask, editor: BrowserSession, clock: StoppedClock
) -> None:
    phone, _codes = set_up_app(editor, clock)
    other = give_password(app, editor, "editor@example.org")
    clock.advance(minutes=11)
    assert other.get("/admin/sign-in/second").location == "/admin/sign-in"
    assert BrowserSession(app.test_client()).get("/admin/sign-in/second").location == "/admin/sign-in"
    assert len(phone.at(clock())) == 6


def test_removing_the_app_is_recorded_and_the_password_is_enough_again(
    app: Flask, editor: BrowserSession, clock: StoppedClock, parts: Parts
) -> None:
    set_up_app(editor, clock)
    editor.post("/admin/security/app/remove", form_page="/admin/security")
    other = BrowserSession(app.test_client())
    form = {"email": "editor@example.org", "password": editor.password}
    assert other.post("/admin/sign-in", form, form_page="/admin/sign-in").location == "/admin/"
    with parts.db.read() as tx:
        found = {entry.event for entry in audit.audit_trail(tx, filters=AuditFilters(security_only=True))[0]}
    assert {"account.second_factor_added", "account.second_factor_removed"} <= found


def test_a_role_that_must_have_a_second_factor_sets_one_up_before_anything_else(
    app: Flask, clock: StoppedClock, parts: Parts
) -> None:
    object.__setattr__(parts.settings, "second_factor_from", "admin")
    editor, admin = sign_in_as(app, "editor"), sign_in_as(app, "admin")
    assert editor.get("/admin/articles").status_code == 200
    assert admin.get("/admin/articles").location == "/admin/security"
    assert admin.get("/api/sources").status_code == 401
    assert "needs a second factor" in admin.get_page("/admin/security")
    set_up_app(admin, clock)
    assert admin.get("/admin/articles").status_code == 200
    admin.post("/admin/security/app/remove", form_page="/admin/security")
    assert admin.get("/admin/articles").location == "/admin/security"


@pytest.mark.parametrize(
    ("base_url", "chosen", "lowest"),
    [
        ("https://news.example.org", "", "admin"),
        ("http://localhost:8000", "", ""),
        ("https://news.example.org", "nobody", ""),
        ("https://news.example.org", "editor", "editor"),
        ("http://127.0.0.1:8000", "admin", "admin"),
    ],
)
def test_admins_of_a_public_site_must_have_one_unless_the_setting_says_otherwise(
    base_url: str, chosen: str, lowest: str
) -> None:
    settings = Settings.from_env({"SECRET_KEY": "x" * 32, "BASE_URL": base_url, "SECOND_FACTOR_FROM": chosen})
    assert settings.lowest_role_with_second_factor(settings.base_url) == lowest


def test_what_cannot_be_undone_asks_for_the_password_again_after_half_an_hour(
    manager: BrowserSession, world: World, clock: StoppedClock, parts: Parts
) -> None:
    subscriber = world.subscriber("ann@example.org").id
    path = f"/admin/subscribers/{subscriber}/erase"
    assert manager.get(path).status_code == 200
    clock.advance(minutes=31)
    answer = manager.get(path)
    assert answer.location == f"/admin/confirm?next={path}"
    answer = manager.post(answer.location, {"proof_password": "wrong"}, form_page=answer.location)
    assert answer.status_code == 422
    assert "not your password" in answer.text
    page = f"/admin/confirm?next={path}"
    assert manager.post(page, {"proof_password": manager.password}, form_page=page).location == path
    assert manager.get(path).status_code == 200
    with parts.db.read() as tx:
        assert audit.audit_trail(tx)[0][0].event == "account.identity_confirmed"


def test_a_form_that_was_sent_too_late_is_carried_through_the_proof(
    admin: BrowserSession, clock: StoppedClock, parts: Parts
) -> None:
    token = CSRF_FIELD.search(admin.get_page("/admin/accounts"))
    assert token
    clock.advance(minutes=31)
    typed = {"email": "typed@example.org", "role": "viewer", "csrf_token": token[1]}
    answer = admin.post_without_token("/admin/accounts", typed)
    assert answer.status_code == 403
    assert "Is it you?" in answer.text
    assert 'name="email" value="typed@example.org"' in answer.text
    answer = admin.post_without_token("/admin/accounts", {**typed, "proof_password": "wrong"})
    assert answer.status_code == 422
    assert 'name="email" value="typed@example.org"' in answer.text
    answer = admin.post_without_token("/admin/accounts", {**typed, "proof_password": admin.password})
    assert answer.status_code == 302
    with parts.db.read() as tx:
        assert accounts.find_by_email(tx, "typed@example.org") is not None


def test_a_new_password_is_no_proof_where_a_second_factor_is_asked_for(
    editor: BrowserSession, clock: StoppedClock
) -> None:
    set_up_app(editor, clock)
    clock.advance(minutes=31)
    new = "other words in a row"
    answer = editor.post("/admin/password", {"current": editor.password, "new": new, "again": new})
    assert answer.location == "/admin/"
    assert editor.get("/admin/security/app").location.startswith("/admin/confirm")


def test_wrong_passwords_in_the_form_for_a_new_one_count_as_at_the_sign_in(editor: BrowserSession) -> None:
    form = {"current": "wrong wrong wrong", "new": "other words in a row", "again": "other words in a row"}
    statuses = [editor.post("/admin/password", form).status_code for _ in range(6)]
    assert statuses == [422] * 5 + [429]


def test_an_idle_session_is_locked_and_loses_nothing_that_was_typed(
    editor: BrowserSession, clock: StoppedClock, parts: Parts
) -> None:
    token = CSRF_FIELD.search(editor.get_page("/admin/sources"))
    assert token
    clock.advance(minutes=parts.settings.session_idle_minutes, seconds=1)
    assert editor.get("/admin/sources").location.startswith("/admin/sign-in?next=")
    typed = {"text": "a long note", "csrf_token": token[1]}
    answer = editor.post_without_token("/admin/stories/1/merge", typed)
    assert answer.status_code == 403
    assert 'value="a long note"' in answer.text
    editor.post_without_token("/admin/stories/1/merge", {**typed, "proof_password": editor.password})
    assert editor.get("/admin/sources").status_code == 200


def test_a_session_in_use_ends_after_its_hours(
    editor: BrowserSession, clock: StoppedClock, parts: Parts
) -> None:
    for _ in range(parts.settings.session_hours * 2):
        assert editor.get("/admin/articles").status_code == 200
        clock.advance(minutes=30)
    clock.advance(seconds=1)
    assert editor.get("/admin/articles").location.startswith("/admin/sign-in")
    page = editor.get_page("/admin/sign-in")
    assert "Is it you" not in page


def test_a_page_that_loads_itself_keeps_no_session_open(
    editor: BrowserSession, clock: StoppedClock, parts: Parts
) -> None:
    clock.advance(minutes=parts.settings.session_idle_minutes - 1)
    editor.get("/admin/editions/1/progress")
    clock.advance(minutes=2)
    assert editor.get("/admin/articles").status_code == 302


@pytest.mark.parametrize(
    ("base_url", "prefix"), [("https://news.example.org", "__Host-"), ("http://localhost:8000", "")]
)
def test_cookies_on_https_have_the_host_prefix(
    settings: Settings, migrated: Path, base_url: str, prefix: str
) -> None:
    settings.var.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.var / "dateline.sqlite3")
    made = create_app(
        Settings.from_env({"DATELINE_VAR": str(settings.var), "SECRET_KEY": "x" * 32, "BASE_URL": base_url})
    )
    cookie = made.test_client().get("/admin/sign-in", base_url=base_url).headers["Set-Cookie"]
    assert cookie.startswith(f"{prefix}dateline=")
    assert "Domain=" not in cookie
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) == base_url.startswith("https")

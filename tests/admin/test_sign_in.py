"""Access to the newsroom: signing in, passwords, roles and rate limits."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.accounts import authentication, password_hashing
from digest.accounts.audit import Actor
from digest.accounts.store import accounts, audit
from digest.admin.redirects import local_path
from digest.app import create_app
from digest.errors import UnavailableError
from digest.parts import EXTENSION_KEY, Parts
from digest.route_access import ACCESS
from digest.settings import Settings
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import CSRF_FIELD, BrowserSession, add_account, sign_in_by_the_pages

NEW = "other words in a row"

PAGES = (
    "/admin/",
    "/admin/articles",
    "/admin/sources",
    "/admin/editions",
    "/admin/compose",
    "/admin/preview",
    "/admin/subscribers",
    "/admin/password",
)
FOR_ADMINS = ("/admin/accounts", "/admin/audit")


@pytest.mark.parametrize("path", PAGES)
def test_an_editor_sees_every_page_also_when_there_is_nothing_yet(editor: BrowserSession, path: str) -> None:
    assert editor.get(path).status_code == 200


@pytest.mark.parametrize("path", FOR_ADMINS)
def test_accounts_and_audit_are_for_admins(editor: BrowserSession, admin: BrowserSession, path: str) -> None:
    assert editor.get(path).status_code == 403
    assert admin.get(path).status_code == 200


def test_no_page_is_open_to_somebody_who_is_not_signed_in(app: Flask) -> None:
    stranger = BrowserSession(app.test_client())
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("admin.")]
    assert len(rules) > 30
    for rule in rules:
        path = rule.build(
            {name: _step(rule.rule) if name in ("step", "kind") else "1" for name in rule.arguments}
        )
        assert path
        if ACCESS[rule.endpoint].role is not None and "GET" in (rule.methods or ()):
            answer = stranger.get(path[1])
            assert answer.status_code == 302, rule.endpoint
            assert answer.location.startswith("/admin/sign-in"), rule.endpoint


def _step(rule: str) -> str:
    return rule.partition("any(")[2].partition(",")[0]


def test_signing_out_ends_the_session_and_takes_a_post(editor: BrowserSession) -> None:
    assert editor.get("/admin/sign-out").status_code == 405
    editor.post("/admin/sign-out")
    assert editor.get("/admin/").status_code == 302


def test_signing_out_ends_every_session_of_the_account_and_says_so(app: Flask) -> None:
    first = sign_in_by_the_pages(app)
    second, copied = BrowserSession(app.test_client()), BrowserSession(app.test_client())
    form = {"email": "editor@example.org", "password": first.password}
    second.post("/admin/sign-in", form, form_page="/admin/sign-in")
    cookie = first.client.get_cookie("__Host-dateline", domain="news.example.org")
    assert cookie
    copied.client.set_cookie("__Host-dateline", cookie.value, domain="news.example.org", secure=True)
    assert copied.get("/admin/").status_code == 200
    answer = first.post("/admin/sign-out")
    assert "All sessions of your account are ended" in first.follow(answer)
    for browser in (second, copied):
        assert browser.get("/admin/").status_code == 302


def test_wrong_passwords_make_a_network_wait_but_not_the_owner_elsewhere(app: Flask) -> None:
    password = add_account(app, "known@example.org", "editor")
    app.config["WTF_CSRF_ENABLED"] = False
    stranger, owner = app.test_client(), app.test_client()
    emails = (" Known@example.org", "known@EXAMPLE.org ", "\u200bknown@example.org\ufeff")
    answers = [sign_in_from(stranger, "192.0.2.1", emails[n % 3], "wrong " * 3) for n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 5
    assert "Too many failed attempts" in answers[-1].text
    assert sign_in_from(owner, "198.51.100.1", "known@example.org", password).status_code == 302


def test_a_device_that_signed_in_before_is_not_delayed_by_strangers_in_its_network(app: Flask) -> None:
    password = add_account(app, "known@example.org", "editor")
    app.config["WTF_CSRF_ENABLED"] = False
    owner, stranger = app.test_client(), app.test_client()
    assert sign_in_from(owner, "192.0.2.1", "known@example.org", password).status_code == 302
    for _ in range(6):
        sign_in_from(stranger, "192.0.2.1", "known@example.org", "wrong " * 3)
    assert sign_in_from(stranger, "192.0.2.1", "known@example.org", password).status_code == 429
    assert sign_in_from(owner, "192.0.2.1", "known@example.org", password).status_code == 302


@pytest.mark.parametrize(
    "request_body",
    [
        {"json": {"email": "known@example.org", "password": "wrong wrong wrong"}},
        {"json": ["known@example.org"]},
        {"data": b"email=known@example.org", "content_type": "text/plain"},
        {"data": {"email": ["known@example.org", "other@example.org"], "password": "wrong wrong wrong"}},
        {"data": {"email": "known@example.org", "password": (io.BytesIO(b"x"), "password.txt")}},
        {"data": {"email": "known@example.org\x00", "password": "wrong wrong wrong"}},
        {"data": {"email\x00": "known@example.org"}},
        {"query_string": {"next": "/admin/\x00"}, "data": {"email": "a@example.org", "password": "x"}},
    ],
)
def test_what_is_no_plain_form_is_refused_before_anything_is_counted_or_read(
    app: Flask, parts: Parts, request_body: dict[str, Any]
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    for path in ("/admin/sign-in", "/admin/forgotten"):
        answer = client.post(path, base_url="https://news.example.org", **_copy(request_body))
        assert answer.status_code == 400
    with parts.db.read() as tx:
        assert audit.audit_trail(tx)[1] == 0


def _copy(request_body: dict[str, Any]) -> dict[str, Any]:
    """The same request for another path: a file can be read only once."""
    if isinstance(data := request_body.get("data"), dict) and isinstance(data.get("password"), tuple):
        return {"data": {**data, "password": (io.BytesIO(b"x"), "password.txt")}}
    return request_body


def test_one_network_is_told_when_to_try_again(settings: Settings) -> None:
    client = limited(settings)
    answers = [sign_in_from(client, f"2001:db8::{n:x}", f"n{n}@example.org") for n in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "Retry-After" not in answers[0].headers


def limited(settings: Settings) -> FlaskClient:
    """A browser of an application that counts; without tokens, because a post without one is not counted."""
    app = create_app(settings)
    app.extensions[EXTENSION_KEY].db.upgrade()
    app.testing, app.config["WTF_CSRF_ENABLED"] = True, False
    return app.test_client()


def sign_in_from(client: FlaskClient, remote: str, email: str, password: str = "") -> TestResponse:
    """Without a password, it is refused before anything is hashed."""
    return client.post(
        "/admin/sign-in",
        data={"email": email, "password": password},
        base_url="https://news.example.org",
        environ_base={"REMOTE_ADDR": remote},
    )


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(app: Flask) -> None:
    add_account(app, "known@example.org", "editor")
    texts = set()
    for email in ("known@example.org", "unknown@example.org"):
        answer = BrowserSession(app.test_client()).post(
            "/admin/sign-in",
            {"email": email, "password": "wrong, but long enough"},
            form_page="/admin/sign-in",
        )
        assert answer.status_code == 422
        form = answer.text.partition("<main")[2].partition("</form>")[0]
        assert "Wrong address or password" in form
        texts.add(CSRF_FIELD.sub("", form).replace(email, "ADDRESS"))
    assert len(texts) == 1


def test_a_one_time_password_leads_to_choosing_ones_own_and_nowhere_else(app: Flask) -> None:
    browser = BrowserSession(app.test_client())
    one_time = add_account(app, "new@example.org", "editor", password_changed=False)
    browser.post(
        "/admin/sign-in", {"email": "new@example.org", "password": one_time}, form_page="/admin/sign-in"
    )
    assert browser.get("/admin/articles").location == "/admin/password"
    browser.post("/admin/password", {"current": one_time, "new": NEW, "again": NEW})
    assert browser.get("/admin/articles").status_code == 200


def test_a_password_that_is_too_short_is_refused_with_the_reason(editor: BrowserSession) -> None:
    answer = editor.post("/admin/password", {"current": editor.password, "new": "short", "again": "short"})
    assert answer.status_code == 422
    assert "At least 12 characters" in answer.text
    assert 'aria-describedby="new-error new-hint"' in answer.text


def test_a_new_password_ends_the_other_sessions(app: Flask) -> None:
    first = sign_in_by_the_pages(app)
    second = BrowserSession(app.test_client())
    second.post(
        "/admin/sign-in",
        {"email": "editor@example.org", "password": first.password},
        form_page="/admin/sign-in",
    )
    first.post("/admin/password", {"current": first.password, "new": NEW, "again": NEW})
    assert first.get("/admin/").status_code == 200
    assert second.get("/admin/").status_code == 302


def test_closing_an_account_ends_its_session(editor: BrowserSession, parts: Parts) -> None:
    with parts.db.read() as tx:
        found = accounts.find_by_email(tx, "editor@example.org")
    assert found
    authentication.close_account(parts.db, found.id, actor=Actor("x"), now=parts.clock())
    assert editor.get("/admin/").status_code == 302


def test_signing_in_goes_on_to_a_page_of_ours_only(app: Flask) -> None:
    password = add_account(app, "editor@example.org", "editor")
    for target, arrived in (
        ("/admin/articles?q=tea", "/admin/articles?q=tea"),
        ("//evil.example/", "/admin/"),
    ):
        path = f"/admin/sign-in?next={target}"
        answer = BrowserSession(app.test_client()).post(
            path, {"email": "editor@example.org", "password": password}, form_page=path
        )
        assert answer.location == arrived


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:x",
        "",
        None,
    ],
)
def test_an_address_of_another_site_is_no_local_path(target: str | None) -> None:
    assert local_path(target) is None


def test_every_post_needs_a_token(editor: BrowserSession, world: World) -> None:
    world.article("A caravan of a hundred camels reached the market")
    for path in (
        "/admin/articles/1/hide",
        "/admin/compose/send",
        "/admin/sources/1/delete",
        "/admin/sign-out",
    ):
        assert editor.post_without_token(path, {}).status_code == 400
    assert editor.get("/admin/").status_code == 200


def test_actions_are_in_the_audit_log_with_account_and_time(
    admin: BrowserSession, world: World, clock: StoppedClock
) -> None:
    world.article()
    admin.post("/admin/articles/1/hide")
    trail = admin.get_page("/admin/audit")
    assert "story hidden" in trail
    assert "admin@example.org" in trail
    assert clock.moment.strftime("%Y-%m-%dT%H:%M:%SZ") in trail


def test_who_signs_in_while_too_many_do_is_told_to_wait(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> bool:
        raise UnavailableError("too many sign-ins at the same time; try again in a minute")

    monkeypatch.setattr(password_hashing, "matches", refuse)
    answer = sign_in_from(limited(settings), "192.0.2.7", "ann@example.org", "a quiet sentence")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "too many sign-ins" in answer.text
    assert "ann@example.org" in answer.text

"""Access to the newsroom: signing in, passwords, roles and rate limits."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.accounts import authentication
from digest.accounts import store as accounts
from digest.admin.redirects import local_path
from digest.app import create_app
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession, add_account, sign_in_as

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
        path = rule.build({name: _step(rule.rule) if name == "step" else "1" for name in rule.arguments})
        assert path
        if rule.endpoint != "admin.sign_in" and "GET" in (rule.methods or ()):
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
    first = sign_in_as(app)
    second, copied = BrowserSession(app.test_client()), BrowserSession(app.test_client())
    form = {"email": "editor@example.org", "password": first.password}
    second.post("/admin/sign-in", form, form_page="/admin/sign-in")
    cookie = first.client.get_cookie("dateline", domain="news.example.org")
    assert cookie
    copied.client.set_cookie("dateline", cookie.value, domain="news.example.org", secure=True)
    assert copied.get("/admin/").status_code == 200
    answer = first.post("/admin/sign-out")
    assert "All sessions of your account are ended" in first.follow(answer)
    for browser in (second, copied):
        assert browser.get("/admin/").status_code == 302


def test_guesses_at_one_account_are_limited_from_wherever_they_come(settings: Settings) -> None:
    client = limited(settings)
    attempt = 0
    for attempt in range(1, 102):
        email = (" Known@example.org", "known@EXAMPLE.org ", "\u200bknown@example.org\ufeff")[attempt % 3]
        answer = sign_in_from(client, f"192.0.2.{attempt}", email)
        if answer.status_code == 429:
            break
    assert attempt == 101
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "too many requests" in answer.text
    assert sign_in_from(client, "192.0.2.200", "another@example.org").status_code == 422


def test_guesses_that_come_as_json_are_limited_too(settings: Settings) -> None:
    client = limited(settings)
    statuses = [
        client.post(
            "/admin/sign-in",
            json={"email": "known@example.org"},
            base_url="https://news.example.org",
            environ_base={"REMOTE_ADDR": f"192.0.2.{number}"},
        ).status_code
        for number in range(101)
    ]
    assert statuses == [422] * 100 + [429]


def test_one_network_address_is_told_when_to_try_again(settings: Settings) -> None:
    client = limited(settings)
    answers = [sign_in_from(client, "192.0.2.1", f"n{number}@example.org") for number in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "Retry-After" not in answers[0].headers


def limited(settings: Settings) -> FlaskClient:
    """A browser of an application that counts; without tokens, because a post without one is not counted."""
    app = create_app(settings)
    app.extensions[EXTENSION_KEY].db.upgrade()
    app.testing, app.config["WTF_CSRF_ENABLED"] = True, False
    return app.test_client()


def sign_in_from(client: FlaskClient, remote: str, email: str) -> TestResponse:
    return client.post(
        "/admin/sign-in",
        data={"email": email},  # without a password: it is refused before anything is hashed
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
        texts.add(answer.text.partition("<main")[2].partition("<form")[0])
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


def test_a_new_password_ends_the_other_sessions(app: Flask) -> None:
    first = sign_in_as(app)
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
    authentication.close_account(parts.db, found.id)
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

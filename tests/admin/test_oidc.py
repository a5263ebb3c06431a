"""Signing in by an OpenID Connect provider that really answers by HTTP."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from flask import Flask
from joserfc.jwk import RSAKey

from digest.accounts import authentication
from digest.accounts.audit import Actor
from digest.accounts.models import Account
from digest.accounts.states import Role
from digest.accounts.store import accounts, audit
from digest.accounts.store.audit import AuditFilters
from digest.app import create_app
from digest.errors import SettingsError
from digest.parts import EXTENSION_KEY, Parts
from digest.settings import Settings
from tests.admin.identity_provider import CLIENT_ID, CLIENT_SECRET, Provider, run_provider
from tests.web.browser_session import BrowserSession

ANN = {"sub": "ann-1", "email": "ann@example.org", "email_verified": True, "groups": ["newsroom", "everyone"]}


@pytest.fixture
def provider() -> Iterator[Provider]:
    with run_provider() as running:
        running.claims = dict(ANN)
        yield running


@pytest.fixture
def app(settings: Settings, migrated: Path, provider: Provider) -> Flask:
    settings.var.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.var / "dateline.sqlite3")
    return create_app(Settings.from_env({
        "DATELINE_VAR": str(settings.var), "SECRET_KEY": "x" * 32, "BASE_URL": "https://news.example.org",
        "REDIS_URL": settings.redis_url, "OIDC_ISSUER": provider.url, "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET, "OIDC_NAME": "Our login", "OIDC_ROLES": "newsroom=editor,it=admin",
    }))  # fmt: skip


@pytest.fixture
def parts(app: Flask) -> Parts:
    found: Parts = app.extensions[EXTENSION_KEY]
    return found


def sign_in(app: Flask, query: str = "") -> tuple[BrowserSession, str]:
    """Go to the provider and come back; the browser, and where it is sent then."""
    browser = BrowserSession(app.test_client())
    answer = browser.get(f"/admin/sign-in/provider{query}")
    assert answer.status_code == 302
    back = follow_once(answer.location)
    returned = browser.get(back.removeprefix("https://news.example.org"))
    return browser, returned.location


def follow_once(url: str) -> str:
    """Where the provider sends the browser."""
    import http.client
    from urllib.parse import urlsplit

    parts_of_url = urlsplit(url)
    connection = http.client.HTTPConnection(parts_of_url.netloc)
    connection.request("GET", f"{parts_of_url.path}?{parts_of_url.query}")
    location = connection.getresponse().getheader("Location")
    connection.close()
    assert location
    return location


def load(parts: Parts, email: str = "ann@example.org") -> Account | None:
    with parts.db.read() as tx:
        return accounts.find_by_email(tx, email)


def test_a_person_with_a_role_signs_in_and_gets_an_account(
    app: Flask, provider: Provider, parts: Parts
) -> None:
    assert "Sign in with Our login" in BrowserSession(app.test_client()).get_page("/admin/sign-in")
    browser, page = sign_in(app, "?next=/admin/articles")
    assert page == "/admin/articles"
    assert browser.get("/admin/articles").status_code == 200
    assert browser.get("/admin/accounts").status_code == 403
    account = load(parts)
    assert account
    assert (account.role, account.password_hash) == (Role.EDITOR, "")
    (request,) = provider.asked
    assert request["code_challenge_method"] == "S256"
    assert {"state", "nonce"} <= set(request)
    with parts.db.read() as tx:
        ((entry,), _total) = audit.audit_trail(tx, filters=AuditFilters(text="account.signed_in"))
    assert entry.after == {"with": "single sign-on"}


def test_the_role_follows_the_claim_at_each_sign_in(app: Flask, provider: Provider, parts: Parts) -> None:
    sign_in(app)
    provider.claims["groups"] = "it"
    sign_in(app)
    account = load(parts)
    assert account
    assert account.role is Role.ADMIN


def test_a_person_who_lost_their_role_is_refused_and_their_sessions_end(
    app: Flask, provider: Provider
) -> None:
    browser, _page = sign_in(app)
    provider.claims["groups"] = ["everyone"]
    other, page = sign_in(app)
    assert page == "/admin/sign-in"
    assert "no role here" in other.get_page(page)
    assert browser.get("/admin/articles").status_code == 302


def test_an_existing_account_is_linked_only_by_an_address_that_the_provider_vouches_for(
    app: Flask, provider: Provider, parts: Parts
) -> None:
    authentication.invite(parts.db, "ann@example.org", "viewer", actor=Actor("x"), now=parts.clock())
    provider.claims["email_verified"] = False
    assert sign_in(app)[1] == "/admin/sign-in"
    provider.claims["email_verified"] = True
    assert sign_in(app)[1] == "/admin/"
    provider.claims["sub"] = "somebody-else"
    assert sign_in(app)[1] == "/admin/sign-in"


def test_what_cannot_be_undone_asks_the_provider_for_the_person_again(app: Flask, provider: Provider) -> None:
    provider.claims["groups"] = "it"
    browser, _page = sign_in(app)
    asked = browser.get("/admin/accounts/1/password").location
    assert asked == "/admin/confirm?next=/admin/accounts/1/password"
    assert "again=1" in browser.get_page(asked)
    again = browser.get("/admin/sign-in/provider?again=1&next=/admin/accounts/1/password").location
    back = follow_once(again).removeprefix("https://news.example.org")
    assert provider.asked[-1]["prompt"] == "login"
    assert browser.get(back).location == "/admin/accounts/1/password"
    assert browser.get("/admin/accounts/1/password").status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another client"},
        {"iss": "https://evil.example"},
        {"nonce": "another"},
        {"exp": 1_000_000},
        {"sub": ""},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    app: Flask, provider: Provider, parts: Parts, changes: dict[str, Any]
) -> None:
    provider.token_changes = changes
    assert sign_in(app)[1] == "/admin/sign-in"
    assert load(parts) is None


def test_a_token_that_another_key_signed_is_refused(app: Flask, provider: Provider, parts: Parts) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "one"})
    assert sign_in(app)[1] == "/admin/sign-in"
    assert load(parts) is None


def test_an_answer_that_was_not_asked_for_is_refused(app: Flask, provider: Provider) -> None:
    browser = BrowserSession(app.test_client())
    answer = browser.get("/admin/sign-in/provider/return?code=stolen&state=guessed")
    assert answer.location == "/admin/sign-in"
    answer = browser.get("/admin/sign-in/provider/return?error=access_denied&state=x")
    assert answer.location == "/admin/sign-in"


def test_roles_and_address_may_come_from_the_user_info(app: Flask, provider: Provider, parts: Parts) -> None:
    provider.info = {"groups": ["it"], "email": "ann@example.org", "email_verified": True}
    provider.claims = {"sub": "ann-1"}
    assert sign_in(app)[1] == "/admin/"
    account = load(parts)
    assert account
    assert account.role is Role.ADMIN


def test_a_provider_that_does_not_answer_is_said(app: Flask, parts: Parts, provider: Provider) -> None:
    object.__setattr__(parts.settings, "oidc_issuer", provider.url)
    client = app.extensions["dateline.oidc"]._client
    client._server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
    answer = BrowserSession(app.test_client()).get("/admin/sign-in/provider")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_the_provider_of_the_tests_answers_as_the_standard_says(provider: Provider) -> None:
    with urlopen(Request(f"{provider.url}/.well-known/openid-configuration")) as answer:
        assert json.load(answer)["issuer"] == provider.url


def test_a_provider_without_its_other_settings_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="OIDC_CLIENT_ID and OIDC_CLIENT_SECRET and OIDC_ROLES"):
        Settings.from_env({"SECRET_KEY": "x" * 32, "OIDC_ISSUER": "https://login.example.org"})
    for wrong in ("OIDC_ISSUER=http://login.example.org", "OIDC_ROLES=it=owner", "OIDC_ROLES=admin"):
        name, _, value = wrong.partition("=")
        with pytest.raises(SettingsError, match=name):
            Settings.from_env({"SECRET_KEY": "x" * 32, name: value})


def test_without_a_provider_its_pages_do_not_exist(settings: Settings, migrated: Path) -> None:
    settings.var.mkdir(parents=True, exist_ok=True)
    shutil.copy(migrated, settings.var / "dateline.sqlite3")
    made = create_app(settings)
    assert (
        made.test_client().get("/admin/sign-in/provider", base_url="https://news.example.org").status_code
        == 404
    )

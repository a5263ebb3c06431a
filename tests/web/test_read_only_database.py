"""The site while its PostgreSQL server accepts no writes, as in the time until a standby server takes over."""

from collections.abc import Iterator
from dataclasses import replace

import alembic.command
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.cli import ScriptInfo

from digest.app import create_app
from digest.cli.doctor import doctor
from digest.database_migrations import alembic_config
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from tests.postgres_failover import FailingOver, failing_over_database
from tests.web.browser_session import BrowserSession, sign_in_as
from tests.web.subscribers import ANN, SUBSCRIPTION_FORM, letter_kinds, new_browser


@pytest.fixture
def failing_over(postgres_url: str) -> Iterator[FailingOver]:
    with failing_over_database(postgres_url) as opened:
        alembic.command.stamp(alembic_config(opened.db.engine), "head")
        yield opened


@pytest.fixture
def site(settings: Settings, failing_over: FailingOver) -> Iterator[Flask]:
    app = create_app(replace(settings, database_url=failing_over.url))
    app.config["RATELIMIT_ENABLED"] = False
    yield app
    app.extensions[EXTENSION_KEY].db.close()


def database_check(browser: BrowserSession) -> str:
    answer = browser.client.get("/readyz")  # from this machine, which is told what is wrong
    assert (answer.status_code, answer.headers["Retry-After"]) == (
        503,
        "60",
    )  # there is no broker in these tests
    check: str = answer.get_json()["checks"]["database"]
    return check


def subscribe(browser: BrowserSession) -> int:
    answer = browser.post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/")
    if answer.status_code == 503:
        assert "Nothing is lost. Please try again" in answer.text
        assert answer.headers["Retry-After"] == "60"
    return answer.status_code


@pytest.mark.parametrize("sessions_end", [True, False])
def test_readers_are_asked_to_come_back_and_nothing_else_is_needed_afterwards(
    site: Flask, failing_over: FailingOver, sessions_end: bool
) -> None:
    browser = new_browser(site)
    assert database_check(browser) == "ok"
    failing_over.demote()
    assert "primary" in database_check(browser)
    assert [subscribe(browser) for _ in range(3)] == [503, 503, 503]
    assert browser.get("/regions").status_code == 200  # what only reads goes on
    failing_over.promote(terminate=sessions_end)
    assert database_check(browser) == "ok"
    assert subscribe(browser) == 303
    assert letter_kinds(site) == ["confirm"]


def test_the_newsroom_says_what_is_wrong(site: Flask, failing_over: FailingOver) -> None:
    admin = sign_in_as(site, "admin")
    failing_over.demote()
    data = {"email": "new@example.org", "role": "editor"}
    answer = admin.post("/admin/accounts", data, form_page="/admin/accounts")
    assert answer.status_code == 503
    assert "does DATABASE_URL lead to the primary server?" in answer.text
    failing_over.promote()
    assert admin.post("/admin/accounts", data, form_page="/admin/accounts").status_code in (200, 302)
    assert "new@example.org" in admin.get_page("/admin/accounts")


def test_the_doctor_says_what_is_wrong(site: Flask, failing_over: FailingOver) -> None:
    failing_over.demote()
    result = CliRunner().invoke(doctor, obj=ScriptInfo(create_app=lambda: site))
    assert result.exit_code == 1
    assert "✗ database: database: read-only" in result.output

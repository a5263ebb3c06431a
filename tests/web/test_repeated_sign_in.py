"""A repeated sign-in leaves what a real one leaves."""

from typing import Any

import pytest
from flask import Flask

from digest.accounts import authentication
from digest.database import Base
from digest.parts import Parts
from tests.conftest import StoppedClock
from tests.web import repeated_sign_in
from tests.web.browser_session import BrowserSession, sign_in_as
from tests.web.repeated_sign_in import _all_rows


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeated_sign_in, "_kept", {})


def remove_all(parts: Parts) -> None:
    with parts.db.begin() as tx:
        for table in reversed(Base.metadata.sorted_tables):
            tx.execute(table.delete())
    with parts.db.begin() as tx:  # what deleting the news has written
        tx.execute(Base.metadata.tables["data_stamps"].delete())


def cookies(browser: BrowserSession) -> Any:
    return {key: cookie.value for key, cookie in (browser.client._cookies or {}).items()}


@pytest.mark.parametrize("role", ["viewer", "editor", "manager", "admin"])
def test_rows_and_cookies_are_those_of_the_real_one(app: Flask, parts: Parts, role: str) -> None:
    real = sign_in_as(app, role)
    rows = _all_rows(parts.db)
    assert rows["accounts"]
    assert rows["audit"]
    remove_all(parts)
    repeated = sign_in_as(app, role)
    assert repeated.client is not real.client
    assert _all_rows(parts.db) == rows
    assert (cookies(repeated), repeated.password) == (cookies(real), real.password)
    assert f"{role}@example.org" in repeated.get_page("/admin/security")


def test_beside_another_account_each_signs_in_by_the_pages(app: Flask, parts: Parts) -> None:
    sign_in_as(app, "editor")
    remove_all(parts)
    authentication.create_account(parts.db, "ann@example.org", "admin", now=parts.clock())
    editor = sign_in_as(app, "editor")
    assert len(_all_rows(parts.db)["accounts"]) == 2
    assert editor.get("/admin/").status_code == 200


def test_at_another_time_another_session_begins(app: Flask, parts: Parts, clock: StoppedClock) -> None:
    before = sign_in_as(app, "editor")
    remove_all(parts)
    clock.advance(days=3)
    after = sign_in_as(app, "editor")
    assert cookies(before) != cookies(after)
    assert after.get("/admin/").status_code == 200

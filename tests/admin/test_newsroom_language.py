"""The language of the newsroom: of the browser before the sign-in, of the switch, and of the account."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.accounts.store import accounts as store
from digest.articles import kind_assignment
from digest.errors import InvalidInputError
from digest.parts import Parts
from tests.builders import World
from tests.web.browser_session import BrowserSession, add_account

RUSSIAN = {"Accept-Language": "ru-RU,ru;q=0.9,en;q=0.5"}
SIGN_IN, SECURITY = "/admin/sign-in", "/admin/security"


def sign_in(app: Flask, parts: Parts, client: FlaskClient) -> BrowserSession:
    """Sign in with this browser, in which the page to sign in may have been opened before."""
    with parts.db.read() as tx:
        known = store.find_by_email(tx, "ann@example.org")
    password = "" if known else add_account(app, "ann@example.org", "editor")
    browser = BrowserSession(client, password)
    browser.post(SIGN_IN, {"email": "ann@example.org", "password": password}, form_page=SIGN_IN)
    return browser


def language_of(parts: Parts) -> str:
    with parts.db.read() as tx:
        account = store.find_by_email(tx, "ann@example.org")
    assert account
    return account.language


def test_the_browser_decides_until_the_first_sign_in(app: Flask) -> None:
    client = app.test_client()
    page = client.get(SIGN_IN, headers=RUSSIAN).text
    assert '<html lang="ru" dir="ltr">' in page
    assert "<h1>Войти</h1>" in page
    assert '<html lang="en"' in client.get(SIGN_IN, headers={"Accept-Language": "de"}).text
    missing = client.get("/admin/no-such-page", headers=RUSSIAN).text
    assert "Не найдено" in missing


def test_the_switch_of_the_sign_in_page_chooses_for_the_account(app: Flask, parts: Parts) -> None:
    client = app.test_client()
    base = "https://news.example.org"
    page = client.get(f"{SIGN_IN}?lang=ru", base_url=base).text
    assert 'hreflang="en">English</a>' in page
    assert 'hreflang="ru" aria-current="true">Русский</a>' in page
    assert '<html lang="ru"' in client.get("/admin/forgotten", base_url=base).text  # it stays
    browser = sign_in(app, parts, client)
    assert language_of(parts) == "ru"
    assert '<html lang="ru"' in browser.get_page("/admin/")
    assert '<html lang="ru"' in browser.follow(browser.post("/admin/sign-out"))


def test_a_choice_of_the_account_outlives_browsers(app: Flask, parts: Parts) -> None:
    browser = sign_in(app, parts, app.test_client())
    assert language_of(parts) == "en"
    page = browser.follow(browser.post(f"{SECURITY}/language", {"language": "ru"}, form_page=SECURITY))
    assert "Язык редакции изменён." in page
    assert '<option value="ru" lang="ru" selected>Русский</option>' in page
    assert '<html lang="ru"' in browser.get("/admin/", headers={"Accept-Language": "en"}).text


def test_numbers_dates_and_plurals_are_written_as_russians_do(app: Flask, parts: Parts, world: World) -> None:
    browser = sign_in(app, parts, app.test_client())
    browser.post(f"{SECURITY}/language", {"language": "ru"}, form_page=SECURITY)
    world.article(age=5 / 60)
    world.article("The river rises in Lima", ["PE"], age=3)
    page = browser.get_page("/admin/articles")
    assert ">5 минут назад</time>" in page
    assert ">10 мар., 09:00 UTC</time>" in page
    assert "2 публикации" in page
    assert "Казахстан" in page


def test_errors_of_other_stages_are_translated(app: Flask, parts: Parts) -> None:
    browser = sign_in(app, parts, app.test_client())
    browser.post(f"{SECURITY}/language", {"language": "ru"}, form_page=SECURITY)
    assert "Сюжета 77 нет" in browser.get("/admin/stories/77").text
    page = browser.post("/admin/sources", {"url": "http://user:secret@a.example/feed"}).text
    assert "не принимается" in page or "Не удаётся прочитать" in page


def test_logs_and_programs_still_read_english() -> None:
    with pytest.raises(InvalidInputError) as raised:
        kind_assignment.parse_kind("gossip")
    assert str(raised.value) == '"gossip" is not a kind of article (example: news).'

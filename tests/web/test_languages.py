"""Languages: the reader's choice for the digest, and the browser's for the pages."""

import pytest
from flask import Flask

from digest.deliveries.planning import edition_planner
from digest.editions.models import Digest
from digest.i18n.catalogs import LANGUAGES
from tests.builders import World
from tests.web.browser_session import Desk
from tests.web.subscribers import ANN, WISHES, browser, known, parts_of, path

RUSSIAN = {"Accept-Language": "ru, en;q=0.5"}


@pytest.fixture
def page(app: Flask) -> Desk:
    return browser(app)


def test_the_form_is_in_the_browsers_language_and_offers_every_digests(app: Flask) -> None:
    page = app.test_client().get("/", headers=RUSSIAN).text
    assert '<html lang="ru" dir="ltr">' in page
    assert "Подписаться" in page
    assert all(f'<option value="{language}" lang="{language}"' in page for language in LANGUAGES)
    assert '<option value="ru" lang="ru" dir="ltr" selected>Русский' in page


def test_a_language_of_the_frame_alone_is_preselected_on_an_english_form(app: Flask) -> None:
    page = app.test_client().get("/", headers={"Accept-Language": "ka"}).text
    assert '<html lang="en"' in page
    assert '<option value="ka" lang="ka" dir="ltr" selected>' in page


def test_what_is_wrong_is_said_in_the_pages_language(app: Flask) -> None:
    client = app.test_client()
    token = Desk(client)
    answer = token.post("/", WISHES | {"email": "nobody", "time": "07:01"}, on="/")
    assert "is not an e-mail address" in answer.text
    in_russian = client.get("/unsubscribe/not-a-token", headers=RUSSIAN).text
    assert "Ссылка неполная" in in_russian
    gone = client.get("/read/unknown", headers=RUSSIAN)
    assert "По этому адресу нет дайджеста." in gone.text


@pytest.mark.parametrize("language", ["fa", "ru"])
def test_the_language_of_a_digest_is_chosen_changed_and_kept(
    app: Flask, page: Desk, world: World, language: str
) -> None:
    page.post("/", WISHES | {"email": ANN, "language": language}, on="/")
    assert known(app).preferences.language == language
    world.reader("old@example.com")
    reader = known(app, "old@example.com")
    link = path(app, "preferences", reader.public_id)
    page.post(link, WISHES | {"language": language}, on=link)
    assert known(app, "old@example.com").preferences.language == language
    assert f'value="{language}" lang="{language}"' in page.client.get(link).text
    assert " selected" in page.client.get(link).text.split(f'<option value="{language}"')[1].split(">")[0]


def test_a_language_that_is_not_offered_is_named(app: Flask, page: Desk) -> None:
    answer = page.post("/", WISHES | {"email": ANN, "language": "tlh"}, on="/")
    assert answer.status_code == 422
    assert "tlh" in answer.text


def test_the_editors_pages_stay_in_one_language(app: Flask) -> None:
    answer = app.test_client().get("/admin/sign-in", headers=RUSSIAN)
    assert '<html lang="en"' in answer.text


def test_a_web_edition_is_nobodys_own_and_no_search_engines(app: Flask, world: World) -> None:
    world.article("The river & the <market> open again")
    reader = world.reader(ANN)
    p = parts_of(app)
    edition_planner.plan_due(p.db, p.planner(), world.clock())
    with p.db.read() as tx:
        digest = tx.get(Digest, 1)
        assert digest is not None
        address = f"/read/{digest.public_id}"
    answer = app.test_client().get(address)
    assert "The river &amp; the &lt;market&gt; open again" in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert reader.public_id not in answer.text
    assert "unsubscribe" not in answer.text.lower()
    assert "Choose your own regions" in answer.text

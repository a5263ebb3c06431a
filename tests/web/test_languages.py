"""Languages: the subscriber's choice for the digest, and the browser's for the pages."""

import re

import pytest
from flask import Flask

from digest.deliveries.planning import edition_planner
from digest.editions.models import Digest
from digest.i18n.catalogs import MAIL_LANGUAGES, PAGE_LANGUAGES
from digest.i18n.dates import weekday_names
from digest.i18n.locales import text_direction
from tests.builders import World
from tests.web.browser_session import BrowserSession, sign_in_as
from tests.web.subscribers import ANN, SUBSCRIPTION_FORM, get_parts, get_subscriber, link_path, new_browser

RUSSIAN = {"Accept-Language": "ru, en;q=0.5"}


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


def test_the_form_is_in_the_browsers_language_and_offers_every_digests(app: Flask) -> None:
    page = app.test_client().get("/", headers=RUSSIAN).text
    assert '<html lang="ru" dir="ltr">' in page
    assert "Подписаться" in page
    assert all(f'<option value="{language}" lang="{language}"' in page for language in MAIL_LANGUAGES)
    assert '<option value="ru" lang="ru" dir="ltr" selected>Русский' in page


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
def test_the_form_is_in_every_language_of_the_mails_with_its_direction(app: Flask, language: str) -> None:
    page = app.test_client().get("/", headers={"Accept-Language": language}).text
    direction = text_direction(language)
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert f'<option value="{language}" lang="{language}" dir="{direction}" selected>' in page
    assert f'<option value="0" selected>{weekday_names(language)[0]}</option>' in page


def test_the_address_chooses_the_language_and_all_links_keep_it(app: Flask) -> None:
    page = app.test_client().get("/?lang=fa&regions=ge", headers=RUSSIAN).text
    assert '<html lang="fa" dir="rtl">' in page
    assert '<option value="fa" lang="fa" dir="rtl" selected>' in page
    assert 'action="/?lang=fa"' in page
    assert 'href="/link?lang=fa"' in page
    switch = re.search(r'href="([^"]+)" lang="ka"', page)
    assert switch
    assert set(switch[1].removeprefix("/?").split("&amp;")) == {"regions=ge", "lang=ka"}
    assert '<html lang="ru"' in app.test_client().get("/?lang=xx", headers=RUSSIAN).text


def test_a_link_in_a_mail_can_be_read_in_another_language(app: Flask, world: World) -> None:
    link = link_path(app, "preferences", world.subscriber(ANN).public_id)
    page = app.test_client().get(link).text
    assert f'href="{link}?lang=ru" lang="ru"' in page
    assert '<html lang="ru"' in app.test_client().get(f"{link}?lang=ru").text


def test_an_answer_to_a_form_leads_to_the_start_page_in_other_languages(
    app: Flask, page: BrowserSession
) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"email": "nobody"}, form_page="/")
    assert 'href="/?lang=ka" lang="ka"' in answer.text


def test_what_is_wrong_is_said_in_the_pages_language(app: Flask) -> None:
    client = app.test_client()
    token = BrowserSession(client)
    answer = token.post("/", SUBSCRIPTION_FORM | {"email": "nobody", "time": "07:01"}, form_page="/")
    assert "is not an e-mail address" in answer.text
    in_russian = client.get("/unsubscribe/not-a-token", headers=RUSSIAN).text
    assert "Ссылка неполная" in in_russian
    gone = client.get("/read/unknown", headers=RUSSIAN)
    assert "По этому адресу нет дайджеста." in gone.text


@pytest.mark.parametrize("language", ["fa", "ru"])
def test_the_language_of_a_digest_is_chosen_changed_and_kept(
    app: Flask, page: BrowserSession, world: World, language: str
) -> None:
    page.post("/", SUBSCRIPTION_FORM | {"email": ANN, "language": language}, form_page="/")
    assert get_subscriber(app).preferences.language == language
    world.subscriber("old@example.com")
    subscriber = get_subscriber(app, "old@example.com")
    link = link_path(app, "owner", subscriber.public_id)
    page.post(link, SUBSCRIPTION_FORM | {"language": language}, form_page=link)
    assert get_subscriber(app, "old@example.com").preferences.language == language
    assert f'value="{language}" lang="{language}"' in page.client.get(link).text
    assert " selected" in page.client.get(link).text.split(f'<option value="{language}"')[1].split(">")[0]


def test_a_language_that_is_not_offered_is_named(app: Flask, page: BrowserSession) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"email": ANN, "language": "tlh"}, form_page="/")
    assert answer.status_code == 422
    assert "tlh" in answer.text


def test_a_web_edition_is_nobodys_own_and_no_search_engines(app: Flask, world: World) -> None:
    world.article("The river & the <market> open again")
    subscriber = world.subscriber(ANN)
    p = get_parts(app)
    edition_planner.plan_due(p.db, p.planner(), world.clock())
    with p.db.read() as tx:
        digest = tx.get(Digest, 1)
        assert digest is not None
        address = f"/read/{digest.public_id}"
    answer = app.test_client().get(address)
    assert "The river &amp; the &lt;market&gt; open again" in answer.text
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert subscriber.public_id not in answer.text
    assert "unsubscribe" not in answer.text.lower()
    assert "Choose your own regions" in answer.text


def test_georgian_names_have_no_capitals_which_georgian_uses_in_headings_alone(app: Flask) -> None:
    tree = get_parts(app).tree
    names = [tree.name(region.slug, "ka") for region in tree.all()]
    assert "ცენტრალური აზია" in names
    assert not [name for name in names if re.search("[\u1c90-\u1cbf]", name)]


def test_the_newsroom_leads_to_addresses_without_a_language(app: Flask) -> None:
    newsroom = sign_in_as(app, "editor")
    assert 'data-find="/regions/search"' in newsroom.get_page("/admin/regions/new")
    assert 'data-find="/regions/search?lang=fa"' in app.test_client().get("/?lang=fa").text

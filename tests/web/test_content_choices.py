"""The form: the order of regions, kinds besides news, languages read, and why; on both pages, without scripts."""

import re

import pytest
from flask import Flask

from digest.subscribers.pure.content_choices import ContentChoices
from digest.subscribers.states import OptionalKind
from tests.builders import World
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import (
    ANN,
    SUBSCRIPTION_FORM,
    all_subscriber_rows,
    get_subscriber,
    link_path,
    new_browser,
)

CONTENT = {"content": "1", "kinds": ["opinion", "sport"], "languages_read": ["ru", "en"], "show_why": "yes"}
CHOSEN = ContentChoices((OptionalKind.SPORT, OptionalKind.OPINION), ("en", "ru"), show_why=True)
ORDERED_SLUG = re.compile(r'name="order" value="([^"]+)"')
TICKED = re.compile(r'name="(kinds|languages_read|show_why)" value="([^"]+)"[^>]* checked')


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """The link of Ann, who chose France and then Georgia, and all that can be chosen."""
    subscriber = world.subscriber(ANN, regions=["fr", "ge"], content=CHOSEN)
    return link_path(app, "owner", subscriber.public_id)


def ticked(page: str) -> set[tuple[str, str]]:
    return set(TICKED.findall(page))


@pytest.mark.parametrize("form_page", ["/", "preferences"])
def test_a_button_moves_a_region_and_saves_nothing(
    app: Flask, page: BrowserSession, link: str, form_page: str
) -> None:
    path = link if form_page == "preferences" else "/"
    before = all_subscriber_rows(app)
    form = SUBSCRIPTION_FORM | CONTENT | {"regions": ["fr", "ge", "ir"], "order": ["ge", "fr"], "email": "x"}
    answer = page.post(path, form | {"move": "up ir", "time": "18:45"}, form_page=path)
    assert answer.status_code == 200
    assert ORDERED_SLUG.findall(answer.text) == ["ge", "ir", "fr"]
    assert '<option value="18:45" selected>18:45</option>' in answer.text
    assert len(ticked(answer.text)) == 5
    assert all_subscriber_rows(app) == before


def test_the_first_can_not_go_up_nor_the_last_down(page: BrowserSession, link: str) -> None:
    buttons = re.findall(r'name="move" value="([^"]+)"[^>]*?( disabled)?>', page.get_page(link))
    assert buttons == [("up fr", " disabled"), ("down fr", ""), ("up ge", ""), ("down ge", " disabled")]


def test_one_region_alone_has_no_order(app: Flask, page: BrowserSession, world: World) -> None:
    subscriber = world.subscriber("one@example.com", regions=["fr"])
    assert 'name="move"' not in page.get_page(link_path(app, "preferences", subscriber.public_id))


@pytest.mark.parametrize("form_page", ["/", "preferences"])
def test_the_order_and_the_choices_are_saved(
    app: Flask, page: BrowserSession, link: str, form_page: str
) -> None:
    path, address = (link, ANN) if form_page == "preferences" else ("/", "new@example.com")
    form = SUBSCRIPTION_FORM | CONTENT | {"order": ["ge", "central-asia"], "email": address}
    assert page.post(path, form, form_page=path).status_code == 303
    preferences = get_subscriber(app, address).preferences
    assert preferences.regions == ["ge", "central-asia"]
    assert preferences.content == CHOSEN


def test_the_page_shows_what_was_chosen(page: BrowserSession, link: str) -> None:
    shown = page.get_page(link)
    assert ORDERED_SLUG.findall(shown) == ["fr", "ge"]
    assert ticked(shown) == {
        ("kinds", "sport"),
        ("kinds", "opinion"),
        ("languages_read", "en"),
        ("languages_read", "ru"),
        ("show_why", "yes"),
    }


def test_what_is_no_longer_ticked_is_taken_back(app: Flask, page: BrowserSession, link: str) -> None:
    page.post(link, SUBSCRIPTION_FORM | {"content": "1"}, form_page=link)
    assert get_subscriber(app).preferences.content == ContentChoices()
    assert ticked(page.get_page(link)) == set()


def test_a_form_opened_before_there_were_choices_changes_none(
    app: Flask, page: BrowserSession, link: str
) -> None:
    page.post(link, SUBSCRIPTION_FORM, form_page=link)
    assert get_subscriber(app).preferences.content == CHOSEN


@pytest.mark.parametrize("form_page", ["/", "preferences"])
@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kinds", ["sport", "<b>chess"], "&lt;b&gt;chess"),
        ("languages_read", ["en", "xx"], "&#34;xx&#34; is not the code of a language"),
        ("show_why", "perhaps", "neither yes nor no"),
        ("time", "26:00", "is not a time"),
    ],
)
def test_an_error_loses_nothing(
    page: BrowserSession, link: str, form_page: str, *, field: str, value: object, message: str
) -> None:
    path = link if form_page == "preferences" else "/"
    form = SUBSCRIPTION_FORM | CONTENT | {"order": ["ge", "central-asia"], "email": ANN}
    answer = page.post(path, form | {field: value}, form_page=path)
    assert answer.status_code == 422
    assert message in answer.text
    assert ORDERED_SLUG.findall(answer.text) == ["ge", "central-asia"]
    expected = {("kinds", "sport"), ("languages_read", "en")}
    assert expected <= ticked(answer.text)
    assert (("show_why", "yes") in ticked(answer.text)) == (field != "show_why")


def test_the_languages_of_sources_and_those_chosen_are_offered(
    app: Flask, page: BrowserSession, world: World
) -> None:
    world.source("Il Corriere", language="it-IT")
    world.source("Nonsense", language="not a language")
    reader = world.subscriber(content=ContentChoices(languages_read=("en", "ja")))
    offered = page.get_page(link_path(app, "preferences", reader.public_id))
    for code in ("en", "ru", "fa", "it", "ja"):
        assert f'name="languages_read" value="{code}"' in offered
    assert 'value="not"' not in offered
    assert 'name="languages_read" value="ja"' not in page.get_page("/")


def test_the_kinds_are_in_the_language_of_the_page(app: Flask) -> None:
    shown = app.test_client().get("/", headers={"Accept-Language": "ru"}).text
    assert all(name in shown for name in ("Спорт", "Культура", "Стиль жизни", "Мнения"))

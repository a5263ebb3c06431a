"""The confirmation link: only its button changes something; forged and expired links are refused."""

import pytest
from flask import Flask

from digest.feedback.unsubscribing import unsubscribe
from digest.parts import sends_first_digests
from digest.settings import Settings
from digest.subscribers import lifecycle
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import ANN, all_subscriber_rows, get_parts, get_subscriber, link_path, new_browser


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link; she has signed up and not confirmed yet."""
    return link_path(
        app, "confirm", world.confirmation_letter(world.subscriber(ANN, state="pending", confirmed_at=None))
    )


def test_opening_the_link_shows_what_was_asked_for_and_changes_nothing(
    app: Flask, page: BrowserSession, link: str
) -> None:
    before = all_subscriber_rows(app)
    shown = page.get_page(link)
    assert "Central Asia" in shown
    assert ANN in shown
    assert all_subscriber_rows(app) == before


def test_the_button_makes_a_subscriber(app: Flask, page: BrowserSession, link: str) -> None:
    answer = page.post(link, form_page=link)
    assert answer.status_code == 200
    assert "Welcome" in answer.text
    assert get_subscriber(app).state == "active"


def test_after_confirming_the_page_says_when_the_next_digest_comes_and_has_todays_news(
    app: Flask, page: BrowserSession, world: World
) -> None:
    world.article("The river & the <market> open again", age=5)
    world.article("News of the day before yesterday", age=40)
    world.article("News of elsewhere altogether", ("BR",), age=5)
    subscriber = world.subscriber(ANN, state="pending", confirmed_at=None, zone="Asia/Tashkent")
    link = link_path(app, "confirm", world.confirmation_letter(subscriber))
    shown = page.post(link, form_page=link).text
    assert "Your next digest: Wednesday 11 March, 07:00 (Tashkent)." in shown
    assert "Your first digest is on its way to you now." in shown
    assert "The river &amp; the &lt;market&gt; open again" in shown
    assert "day before yesterday" not in shown
    assert "elsewhere" not in shown


@pytest.mark.parametrize("values", [{"FIRST_DIGEST": "0"}, {"REVIEW": "1"}])
def test_no_first_digest_is_announced_where_none_is_sent(values: dict[str, str]) -> None:
    environment = {"SECRET_KEY": "s" * 32, "DATELINE_VAR": "/nowhere"}
    assert sends_first_digests(Settings.from_env(environment))
    assert not sends_first_digests(Settings.from_env(environment | values))


def test_a_link_that_was_used_gives_nothing_more(app: Flask, page: BrowserSession, link: str) -> None:
    page.post(link, form_page=link)
    for answer in (page.post(link, form_page="/"), page.get(link)):
        assert answer.status_code == 200
        assert "already subscribed" in answer.text
        assert "/preferences/" not in answer.text
        assert ANN not in answer.text
        assert "Central Asia" not in answer.text


def test_posting_without_the_forms_token_confirms_nothing(
    app: Flask, page: BrowserSession, link: str
) -> None:
    assert page.post_without_token(link, {}).status_code == 400
    assert get_subscriber(app).state == "pending"


@pytest.mark.parametrize("purpose", ["confirm", "preferences", "unsubscribe"])
@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "ж", "AAAAAAAA.AAAA." + "A" * 43])
def test_a_forged_link_is_refused(page: BrowserSession, purpose: str, token: str) -> None:
    assert page.get(f"/{purpose}/{token}").status_code == 400
    assert page.post(f"/{purpose}/{token}", form_page="/").status_code == 400


def test_a_link_for_another_purpose_does_not_confirm(app: Flask, page: BrowserSession, link: str) -> None:
    other = link.replace("/confirm/", "/preferences/")
    assert page.get(other).status_code == 400


def test_an_expired_link_is_refused_and_changes_nothing(
    app: Flask, page: BrowserSession, link: str, clock: StoppedClock
) -> None:
    clock.advance(days=8)
    answer = page.get(link)
    assert answer.status_code == 410
    assert "older than 7 days" in answer.text
    assert page.post(link, form_page="/").status_code == 410
    assert get_subscriber(app).state == "pending"


def test_a_confirmation_link_from_before_unsubscribing_does_not_subscribe_again(
    app: Flask, page: BrowserSession, link: str
) -> None:
    now = get_parts(app).clock()
    unsubscribe(get_parts(app).db, get_subscriber(app).public_id, origin="page", now=now)
    assert "subscribe again" in page.get_page(link)
    assert page.post(link, form_page="/").status_code == 409
    assert get_subscriber(app).state == "unsubscribed"


def test_the_link_of_an_erased_subscriber_is_not_found(app: Flask, page: BrowserSession, link: str) -> None:
    p = get_parts(app)
    lifecycle.erase(p.db, get_subscriber(app).public_id, secret=p.settings.secret_key, now=p.clock())
    assert page.get(link).status_code == 404


@pytest.mark.parametrize("ending", [".", ")", ">", "…", "/", "%20", "%0A", "%E2%80%9D", "%2F."])
def test_the_link_works_whatever_stands_behind_it(
    app: Flask, page: BrowserSession, link: str, ending: str
) -> None:
    assert f'action="{link}"' in page.get_page(link + ending)
    assert page.post(link + ending, form_page=link).status_code == 200
    assert get_subscriber(app).state == "active"

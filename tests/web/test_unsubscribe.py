"""Unsubscribing: one click in mail programs (RFC 8058), a button for people, and no change by a GET request."""

import pytest
from flask import Flask

from digest.feedback import store as feedback
from digest.subscribers import lifecycle
from tests.builders import World
from tests.web.subscribers import ANN, all_subscriber_rows, get_parts, get_subscriber, link_path, new_browser

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link."""
    return link_path(app, "unsubscribe", world.subscriber(ANN).public_id)


def feedback_of(app: Flask, subscriber_id: int) -> list[tuple[str, str]]:
    with get_parts(app).db.read() as tx:
        return [(row.kind, row.origin) for row in feedback.of_subscriber(tx, subscriber_id)]


def test_opening_the_link_changes_nothing(app: Flask, link: str) -> None:
    before = all_subscriber_rows(app)
    assert "Unsubscribe?" in new_browser(app).get_page(link)
    assert app.test_client().head(link, base_url="https://news.example.org").status_code == 200
    assert all_subscriber_rows(app) == before


def test_one_click_needs_no_cookie_and_no_token_and_is_answered_200_every_time(app: Flask, link: str) -> None:
    for _ in range(2):
        answer = new_browser(app).post_without_token(link, ONE_CLICK)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert get_subscriber(app).state == "unsubscribed"
    assert feedback_of(app, get_subscriber(app).id) == [("unsubscribe", "one-click")]


def test_one_click_after_being_erased_is_answered_200(app: Flask, link: str) -> None:
    p = get_parts(app)
    lifecycle.erase(p.db, get_subscriber(app).public_id, secret=p.settings.secret_key, now=p.clock())
    assert new_browser(app).post_without_token(link, ONE_CLICK).status_code == 200
    assert new_browser(app).get(link).status_code == 200


def test_the_button_on_the_page_unsubscribes_too(app: Flask, link: str) -> None:
    page = new_browser(app)
    answer = page.post(link, form_page=link)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert feedback_of(app, get_subscriber(app).id) == [("unsubscribe", "page")]
    assert "You are unsubscribed" in page.get_page(link)


def test_the_links_in_a_test_mail_unsubscribe_nobody(app: Flask, world: World) -> None:
    world.subscriber(ANN)
    answer = new_browser(app).post_without_token(link_path(app, "unsubscribe", "test"), ONE_CLICK)
    assert answer.status_code == 200
    assert get_subscriber(app).state == "active"


def test_a_forged_link_unsubscribes_nobody(app: Flask, link: str) -> None:
    assert new_browser(app).post_without_token(link[:-3], ONE_CLICK).status_code == 400
    assert get_subscriber(app).state == "active"


def test_a_paused_subscriber_can_unsubscribe(app: Flask, world: World) -> None:
    paused = world.subscriber("paused@example.com", state="paused")
    new_browser(app).post_without_token(link_path(app, "unsubscribe", paused.public_id), ONE_CLICK)
    assert get_subscriber(app, "paused@example.com").state == "unsubscribed"

"""Unsubscribing: one click for mail programs (RFC 8058), a button for people, and nothing by merely looking."""

import pytest
from flask import Flask

from digest.feedback import store as feedback
from digest.subscribers import lifecycle
from tests.builders import World
from tests.web.subscribers import ANN, browser, known, parts_of, path, state_of_everything

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link."""
    return path(app, "unsubscribe", world.reader(ANN).public_id)


def feedback_of(app: Flask, subscriber_id: int) -> list[tuple[str, str]]:
    with parts_of(app).db.read() as tx:
        return [(row.kind, row.origin) for row in feedback.of_subscriber(tx, subscriber_id)]


def test_opening_the_link_changes_nothing(app: Flask, link: str) -> None:
    before = state_of_everything(app)
    assert "Stop the digest?" in browser(app).page(link)
    assert app.test_client().head(link, base_url="https://news.example.org").status_code == 200
    assert state_of_everything(app) == before


def test_one_click_needs_no_cookie_and_no_token_and_is_answered_200_every_time(app: Flask, link: str) -> None:
    for _ in range(2):
        answer = browser(app).post_bare(link, ONE_CLICK)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert known(app).state == "unsubscribed"
    assert feedback_of(app, known(app).id) == [("unsubscribe", "one-click")]


def test_one_click_after_being_erased_is_answered_200(app: Flask, link: str) -> None:
    p = parts_of(app)
    lifecycle.erase(p.db, known(app).public_id, secret=p.settings.secret_key, now=p.reader.clock())
    assert browser(app).post_bare(link, ONE_CLICK).status_code == 200
    assert browser(app).get(link).status_code == 200


def test_the_button_on_the_page_stops_too(app: Flask, link: str) -> None:
    page = browser(app)
    answer = page.post(link, on=link)
    assert answer.status_code == 200
    assert "You have left" in answer.text
    assert feedback_of(app, known(app).id) == [("unsubscribe", "page")]
    assert "You have left" in page.page(link)


def test_the_links_in_a_test_mail_stop_nobody(app: Flask, world: World) -> None:
    world.reader(ANN)
    answer = browser(app).post_bare(path(app, "unsubscribe", "test"), ONE_CLICK)
    assert answer.status_code == 200
    assert known(app).state == "active"


def test_a_forged_link_stops_nobody(app: Flask, link: str) -> None:
    assert browser(app).post_bare(link[:-3], ONE_CLICK).status_code == 400
    assert known(app).state == "active"


def test_a_reader_who_is_paused_can_leave(app: Flask, world: World) -> None:
    paused = world.reader("paused@example.com", state="paused")
    browser(app).post_bare(path(app, "unsubscribe", paused.public_id), ONE_CLICK)
    assert known(app, "paused@example.com").state == "unsubscribed"

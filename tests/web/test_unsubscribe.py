"""Unsubscribing: one click in mail programs (RFC 8058), a button for people, and no change by a GET request."""

import re

import pytest
from flask import Flask

from digest.feedback.store import feedback
from digest.subscribers import lifecycle
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.subscribers import ANN, all_subscriber_rows, get_parts, get_subscriber, link_path, new_browser

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


# What mail programs and people put behind a link, as it is and percent-encoded.
ENDINGS = (
    ".", ",", ")", ">", "]", ";", ":", "!", "'", '"', "*", "_.", "…", "»", "”", " ", "/", "//", "/.", "|", "\\", "=",
    "%2E", "%2C", "%29", "%3E", "%5D", "%20", "%0A", "%0D%0A", "%09", "%00", "%22", "%27", "%E2%80%A6", "%C2%A0", "%2F",
    "%E2%80%8B", "%252E", "%3D", "&gt;", "%20now", ").%20Thanks", "and", "?utm_source=mail", "?", "%",
)  # fmt: skip


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link."""
    return link_path(app, "unsubscribe", world.subscriber(ANN).public_id)


def feedback_of(app: Flask, subscriber_id: int) -> list[tuple[str, str]]:
    with get_parts(app).db.read() as tx:
        return [(row.kind, row.origin) for row in feedback.of_subscriber(tx, subscriber_id)]


def test_the_page_does_not_show_the_address(app: Flask, link: str) -> None:
    page = new_browser(app)
    assert ANN not in page.get_page(link)
    assert ANN not in page.post(link, form_page=link).text
    assert ANN not in page.get_page(link)


def test_leaving_can_be_undone_for_a_week_on_the_same_page(
    app: Flask, link: str, clock: StoppedClock
) -> None:
    page = new_browser(app)
    page.post(link, form_page=link)
    clock.advance(days=7)
    assert "Welcome back" in page.post(f"{link}/undo", form_page=link).text
    assert get_subscriber(app).state == "active"
    page.post(link, form_page=link)
    clock.advance(days=7, seconds=1)
    assert page.post(f"{link}/undo", form_page="/").status_code == 409
    assert get_subscriber(app).state == "unsubscribed"


def test_nobody_undoes_it_by_opening_a_link(app: Flask, link: str) -> None:
    page = new_browser(app)
    page.post(link, form_page=link)
    assert (
        page.get(f"{link}/undo").status_code == 200
    )  # like anything else behind the token: the page with the button
    assert page.post_without_token(f"{link}/undo", {}).status_code == 400
    assert get_subscriber(app).state == "unsubscribed"


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


@pytest.mark.parametrize("ending", ENDINGS)
def test_leaving_works_whatever_stands_behind_the_link(app: Flask, link: str, ending: str) -> None:
    page = new_browser(app)
    assert "Unsubscribe?" in page.get_page(link + ending)
    assert page.post_without_token(link + ending, ONE_CLICK).status_code == 200
    assert get_subscriber(app).state == "unsubscribed"


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_button_of_a_page_that_was_opened_so_works(app: Flask, link: str, ending: str) -> None:
    page = new_browser(app)
    action = re.search(r'action="(/unsubscribe/[^"]+)"', page.get_page(link + ending))
    assert action
    assert action[1] == link
    assert page.post(action[1], form_page=link + ending).status_code == 200
    assert get_subscriber(app).state == "unsubscribed"


@pytest.mark.parametrize("beginning", ["%20", "%3C", "<", "=", "%0A"])
def test_what_stands_before_the_token_does_no_harm_either(app: Flask, link: str, beginning: str) -> None:
    assert "Unsubscribe?" in new_browser(app).get_page(
        link.replace("/unsubscribe/", f"/unsubscribe/{beginning}")
    )


def test_a_link_that_was_broken_into_two_lines_works(app: Flask, link: str) -> None:
    assert "Unsubscribe?" in new_browser(app).get_page(f"{link[:40]}%20%0A{link[40:]}")


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_link_that_was_cut_off_unsubscribes_nobody(app: Flask, link: str, cut: int) -> None:
    other = "g" if link[-cut] == "Q" else "Q"
    for ending in ("", ".", other * cut, other * (cut + 3) + "."):
        assert new_browser(app).post_without_token(link[:-cut] + ending, ONE_CLICK).status_code == 400
    assert get_subscriber(app).state == "active"

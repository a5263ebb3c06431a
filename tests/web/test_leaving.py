"""Leaving: at once, with less mail as another choice below it, and with a reason that nobody must give."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from digest.subscribers.models import Consent
from digest.subscribers.states import ConsentAction
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import ANN, get_parts, get_subscriber, link_path, new_browser


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


@pytest.fixture
def link(app: Flask, world: World) -> str:
    return link_path(app, "unsubscribe", world.subscriber(ANN, regions=["fr", "ge"]).public_id)


def reasons(app: Flask) -> list[str]:
    with get_parts(app).db.read() as tx:
        query = select(Consent.wording).where(Consent.action == ConsentAction.REASON)
        return list(tx.scalars(query))


def test_the_button_to_leave_comes_first_and_less_mail_after_it(page: BrowserSession, link: str) -> None:
    shown = page.get_page(link)
    assert shown.index("<h1>Unsubscribe?</h1>") < shown.index(f'action="{link}"')
    assert shown.index(f'action="{link}"') < shown.index(f'action="{link}/fewer"')


@pytest.mark.parametrize(
    ("choice", "cadence", "size"), [("weekly", "weekly", "standard"), ("brief", "daily", "brief")]
)
def test_less_mail_in_place_of_none(
    app: Flask, page: BrowserSession, link: str, *, choice: str, cadence: str, size: str
) -> None:
    assert page.post(f"{link}/fewer", {"fewer": choice}, form_page=link).status_code == 200
    after = get_subscriber(app)
    assert (after.cadence, after.preferences.size, after.state) == (cadence, size, "active")
    assert after.preferences.regions == ["fr", "ge"]


def test_a_pause_is_offered_with_its_last_day(
    app: Flask, page: BrowserSession, link: str, clock: StoppedClock
) -> None:
    day = clock().date() + timedelta(weeks=2)
    assert f"Pause until {day.day} March 2026" in page.get_page(link)
    page.post(f"{link}/fewer", {"fewer": day.isoformat()}, form_page=link)
    paused = get_subscriber(app)
    assert paused.state == "paused"
    assert paused.paused_until is not None
    assert paused.paused_until.date() == day


@pytest.mark.parametrize("choice", ["", "daily", "2026-03-11", "9999-99-99"])
def test_nothing_else_can_be_chosen(app: Flask, page: BrowserSession, link: str, choice: str) -> None:
    assert page.post(f"{link}/fewer", {"fewer": choice}, form_page=link).status_code == 400
    assert get_subscriber(app).state == "active"


def test_a_reason_is_kept_once_without_addresses_in_it(app: Flask, page: BrowserSession, link: str) -> None:
    left = page.post(link, form_page=link).text
    assert f'action="{link}/reason"' in left
    assert 'href="/?regions=fr&amp;regions=ge"' in left
    for words in ("first", "Write to bob@example.com\r\nplease"):
        answer = page.post(f"{link}/reason", {"reason": "too_much", "words": words}, form_page=link)
        assert "Thank you." in answer.text
    assert len(reasons(app)) == 1
    assert reasons(app)[0].startswith("too_much: Write to ")
    assert "bob@example.com" not in reasons(app)[0]
    assert "Get the digest again as before" in answer.text  # undoing stays possible


def test_a_reason_from_nowhere_is_none(app: Flask, page: BrowserSession, link: str) -> None:
    assert page.post(f"{link}/reason", {"reason": "too_much"}, form_page=link).status_code == 400
    page.post(link, form_page=link)
    page.post(f"{link}/reason", {"reason": "<script>"}, form_page=link)
    assert reasons(app) == []

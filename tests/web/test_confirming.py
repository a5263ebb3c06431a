"""The link to confirm: opening it changes nothing, the button does, and a forged or old one is named as such."""

import pytest
from flask import Flask

from digest.subscribers import lifecycle
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import Desk
from tests.web.subscribers import ANN, browser, known, parts_of, path, state_of_everything


@pytest.fixture
def page(app: Flask) -> Desk:
    return browser(app)


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link; she asked to join and has not confirmed yet."""
    return path(app, "confirm", world.letter(world.reader(ANN, state="pending", confirmed_at=None)))


def test_opening_the_link_shows_what_was_asked_for_and_changes_nothing(
    app: Flask, page: Desk, link: str
) -> None:
    before = state_of_everything(app)
    shown = page.page(link)
    assert "Central Asia" in shown
    assert ANN in shown
    assert state_of_everything(app) == before


def test_the_button_makes_a_reader(app: Flask, page: Desk, link: str) -> None:
    answer = page.post(link, on=link)
    assert answer.status_code == 200
    assert "Welcome" in answer.text
    assert known(app).state == "active"


def test_pressing_it_twice_is_no_error(app: Flask, page: Desk, link: str) -> None:
    page.post(link, on=link)
    assert page.post(link, on="/").status_code == 200


def test_posting_without_the_forms_token_confirms_nothing(app: Flask, page: Desk, link: str) -> None:
    assert page.post_bare(link, {}).status_code == 400
    assert known(app).state == "pending"


@pytest.mark.parametrize("purpose", ["confirm", "preferences", "unsubscribe"])
@pytest.mark.parametrize("token", ["x", "a.b.c", "%00", "ж", "AAAAAAAA.AAAA." + "A" * 43])
def test_a_forged_link_is_told_so(page: Desk, purpose: str, token: str) -> None:
    assert page.get(f"/{purpose}/{token}").status_code == 400
    assert page.post(f"/{purpose}/{token}", on="/").status_code == 400


def test_a_link_for_another_purpose_does_not_confirm(app: Flask, page: Desk, link: str) -> None:
    other = link.replace("/confirm/", "/preferences/")
    assert page.get(other).status_code == 400


def test_an_old_link_is_told_so_and_does_nothing(
    app: Flask, page: Desk, link: str, clock: StoppedClock
) -> None:
    clock.forward(days=8)
    answer = page.get(link)
    assert answer.status_code == 410
    assert "older than 7 days" in answer.text
    assert page.post(link, on="/").status_code == 410
    assert known(app).state == "pending"


def test_a_link_of_before_one_left_brings_nobody_back(app: Flask, page: Desk, link: str) -> None:
    lifecycle.leave(parts_of(app).db, known(app).public_id, parts_of(app).reader.clock())
    assert "subscribe again" in page.page(link)
    assert page.post(link, on="/").status_code == 409
    assert known(app).state == "unsubscribed"


def test_the_link_of_one_who_was_erased_leads_nowhere(app: Flask, page: Desk, link: str) -> None:
    p = parts_of(app)
    lifecycle.erase(p.db, known(app).public_id, secret=p.settings.secret_key, now=p.reader.clock())
    assert page.get(link).status_code == 404

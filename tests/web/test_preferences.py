"""What a reader changes with their link: regions and times, a pause, and being forgotten."""

import pytest
from flask import Flask

from digest.subscribers.models import Preferences
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import Desk
from tests.web.subscribers import ANN, WISHES, browser, known, parts_of, path, reader, state_of_everything


@pytest.fixture
def page(app: Flask) -> Desk:
    return browser(app)


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link."""
    return path(app, "preferences", world.reader(ANN, regions=["fr"], zone="Asia/Tashkent").public_id)


def test_the_page_shows_what_the_reader_has_and_changes_nothing(app: Flask, page: Desk, link: str) -> None:
    before = state_of_everything(app)
    shown = " ".join(page.page(link).split())
    page.page(f"{link}/erase")
    assert 'value="fr" checked' in shown
    assert '<option value="Asia/Tashkent" selected>' in shown
    assert "Tuesday, 10 March 2026 · Tashkent" in shown
    assert state_of_everything(app) == before


def test_what_is_changed_is_kept_and_shown(app: Flask, page: Desk, link: str) -> None:
    answer = page.post(link, WISHES | {"cadence": "weekly", "weekday": "4", "time": "18:30"}, on=link)
    assert answer.status_code == 303
    assert "Saved" in page.page(answer.location)
    after = known(app)
    assert (after.preferences.regions, after.cadence, after.weekday, after.send_minute) == (
        ["central-asia", "ge"],
        "weekly",
        4,
        18 * 60 + 30,
    )


def test_a_wrong_wish_changes_nothing_and_what_was_typed_stays(app: Flask, page: Desk, link: str) -> None:
    before = state_of_everything(app)
    answer = page.post(link, WISHES | {"time": "26:00"}, on=link)
    assert answer.status_code == 422
    assert 'value="ge" checked' in " ".join(answer.text.split())
    assert state_of_everything(app) == before


def test_finding_changes_nothing(app: Flask, page: Desk, link: str) -> None:
    before = state_of_everything(app)
    answer = page.post(link, WISHES | {"find": "1", "query": "armenia"}, on=link)
    assert 'value="am"' in answer.text
    assert state_of_everything(app) == before


def test_a_pause_begins_and_ends(app: Flask, page: Desk, link: str) -> None:
    page.post(f"{link}/pause", {"until": "2026-03-20"}, on=link)
    paused = known(app)
    assert paused.state == "paused"
    assert paused.paused_until is not None
    assert paused.paused_until.isoformat() == "2026-03-19T19:00:00+00:00"  # midnight in Tashkent
    assert "2026-03-20" in page.page(link)
    page.post(f"{link}/pause", {"resume": "1"}, on=link)
    assert known(app).state == "active"


@pytest.mark.parametrize("until", ["", "tomorrow", "2026-02-30", "2026-03-09", "2099-01-01", "0001-01-01"])
def test_a_pause_needs_a_day_of_the_next_year(app: Flask, page: Desk, link: str, until: str) -> None:
    assert page.post(f"{link}/pause", {"until": until}, on=link).status_code == 400
    assert known(app).state == "active"


def test_erasing_takes_a_button_and_then_nothing_is_left(app: Flask, page: Desk, link: str) -> None:
    answer = page.post(f"{link}/erase", on=f"{link}/erase")
    assert answer.status_code == 200
    assert reader(app) is None
    assert state_of_everything(app) == []
    assert page.get(link).status_code == 404
    assert page.post(f"{link}/erase", on="/").status_code == 404


@pytest.mark.parametrize("step", ["", "/pause", "/erase"])
def test_an_old_link_is_told_so_and_does_nothing(
    app: Flask, page: Desk, link: str, clock: StoppedClock, step: str
) -> None:
    before = state_of_everything(app)
    clock.forward(days=91)
    assert page.post(link + step, WISHES | {"until": "2026-06-30"}, on="/").status_code == 410
    assert "older than 90 days" in page.get(link).text
    assert page.get(f"{link}/erase").status_code == 410
    assert state_of_everything(app) == before


@pytest.mark.parametrize("step", ["", "/pause", "/erase"])
def test_without_the_forms_token_nothing_changes(app: Flask, page: Desk, link: str, step: str) -> None:
    before = state_of_everything(app)
    assert page.post_bare(link + step, WISHES).status_code == 400
    assert state_of_everything(app) == before


def test_a_region_that_is_no_more_does_not_break_the_page(app: Flask, page: Desk, link: str) -> None:
    db, public_id = parts_of(app).db, known(app).public_id
    with db.begin() as tx:
        tx.add(Preferences(key="old", regions=["yugoslavia", "ge"], language="en"))
        tx.flush()
        store.by_public_id(tx, public_id).preferences_key = "old"
    assert "Georgia" in page.page(link)

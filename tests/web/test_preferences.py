"""What subscribers do with their link: change regions and times, pause, and erase their data."""

import pytest
from flask import Flask

from digest.feedback.unsubscribing import unsubscribe
from digest.subscribers.models import Preferences
from digest.subscribers.store import subscribers as store
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import (
    ANN,
    SUBSCRIPTION_FORM,
    all_subscriber_rows,
    find_subscriber,
    get_parts,
    get_subscriber,
    letter_kinds,
    link_path,
    new_browser,
)


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


@pytest.fixture
def link(app: Flask, world: World) -> str:
    """Ann's link."""
    return link_path(
        app, "preferences", world.subscriber(ANN, regions=["fr"], zone="Asia/Tashkent").public_id
    )


def test_the_page_shows_the_subscription_and_changes_nothing(
    app: Flask, page: BrowserSession, link: str
) -> None:
    before = all_subscriber_rows(app)
    shown = " ".join(page.get_page(link).split())
    page.get_page(f"{link}/erase")
    assert 'value="fr" checked' in shown
    assert '<option value="Asia/Tashkent" selected>' in shown
    assert "Tuesday, 10 March 2026 · Tashkent" in shown
    assert all_subscriber_rows(app) == before


def test_changes_are_saved_and_shown(app: Flask, page: BrowserSession, owner_link: str) -> None:
    answer = page.post(
        owner_link,
        SUBSCRIPTION_FORM | {"cadence": "weekly", "weekday": "4", "time": "18:30"},
        form_page=owner_link,
    )
    assert answer.status_code == 303
    assert "Saved" in page.get_page(answer.location)
    after = get_subscriber(app)
    assert (after.preferences.regions, after.cadence, after.weekday, after.send_minute) == (
        ["central-asia", "ge"],
        "weekly",
        4,
        18 * 60 + 30,
    )


def test_an_invalid_choice_changes_nothing_and_the_typed_values_stay(
    app: Flask, page: BrowserSession, link: str
) -> None:
    before = all_subscriber_rows(app)
    answer = page.post(link, SUBSCRIPTION_FORM | {"time": "26:00"}, form_page=link)
    assert answer.status_code == 422
    assert 'value="ge" checked' in " ".join(answer.text.split())
    assert all_subscriber_rows(app) == before


def test_finding_changes_nothing(app: Flask, page: BrowserSession, link: str) -> None:
    before = all_subscriber_rows(app)
    answer = page.post(link, SUBSCRIPTION_FORM | {"find": "1", "query": "armenia"}, form_page=link)
    assert 'value="am"' in answer.text
    assert all_subscriber_rows(app) == before


def test_a_pause_begins_and_ends(app: Flask, page: BrowserSession, link: str) -> None:
    page.post(f"{link}/pause", {"until": "2026-03-20"}, form_page=link)
    paused = get_subscriber(app)
    assert paused.state == "paused"
    assert paused.paused_until is not None
    assert paused.paused_until.isoformat() == "2026-03-19T19:00:00+00:00"  # midnight in Tashkent
    assert "20 March 2026" in page.get_page(link)
    page.post(f"{link}/pause", {"resume": "1"}, form_page=link)
    assert get_subscriber(app).state == "active"


@pytest.mark.parametrize("until", ["", "tomorrow", "2026-02-30", "2026-03-09", "2099-01-01", "0001-01-01"])
def test_a_pause_needs_a_day_of_the_next_year(
    app: Flask, page: BrowserSession, link: str, until: str
) -> None:
    assert page.post(f"{link}/pause", {"until": until}, form_page=link).status_code == 400
    assert get_subscriber(app).state == "active"


@pytest.fixture
def owner_link(app: Flask, link: str) -> str:
    """The link that only Ann gets, in a letter."""
    return link_path(app, "owner", get_subscriber(app).public_id)


def test_the_button_deletes_all_data(app: Flask, page: BrowserSession, owner_link: str) -> None:
    answer = page.post(f"{owner_link}/erase", form_page=f"{owner_link}/erase")
    assert answer.status_code == 200
    assert find_subscriber(app) is None
    assert all_subscriber_rows(app) == []
    assert page.get(owner_link).status_code == 404
    assert page.post(f"{owner_link}/erase", form_page="/").status_code == 404


def test_a_forwarded_link_shows_no_address_and_deletes_nothing(
    app: Flask, page: BrowserSession, link: str
) -> None:
    for path in (link, f"{link}/erase"):
        assert ANN not in page.get_page(path)
    assert page.post(f"{link}/erase", form_page=link).location == f"{link}/erase"
    assert get_subscriber(app).state == "active"


def test_a_new_link_goes_to_the_mailbox_only(app: Flask, page: BrowserSession, link: str) -> None:
    answer = page.post(f"{link}/owner", form_page=f"{link}/erase")
    assert (answer.status_code, answer.location) == (303, "/sent")
    assert letter_kinds(app) == ["link"]
    assert ANN not in page.get_page("/sent")


def test_the_link_of_a_letter_shows_the_address_for_15_minutes(
    page: BrowserSession, owner_link: str, clock: StoppedClock
) -> None:
    clock.advance(minutes=15)
    assert ANN in page.get_page(owner_link)
    assert "Delete everything" in page.get_page(f"{owner_link}/erase")
    clock.advance(seconds=1)
    assert ANN not in page.get_page(owner_link)
    assert "Delete everything" not in page.get_page(f"{owner_link}/erase")


def test_who_left_can_undo_it_with_the_link_for_a_week(
    app: Flask, page: BrowserSession, link: str, clock: StoppedClock
) -> None:
    leave(app)
    clock.advance(days=6)
    assert "Get the digest again as before" in page.get_page(link)
    assert page.post(f"{link}/return", form_page=link).status_code == 303
    assert get_subscriber(app).state == "active"
    leave(app)
    clock.advance(days=8)
    assert "Get the digest again as before" not in page.get_page(link)
    assert page.post(f"{link}/return", form_page=link).status_code == 409


def leave(app: Flask) -> None:
    p = get_parts(app)
    unsubscribe(p.db, get_subscriber(app).public_id, origin="page", now=p.clock())


@pytest.mark.parametrize("step", ["", "/pause", "/erase"])
def test_an_expired_link_is_refused_and_changes_nothing(
    app: Flask, page: BrowserSession, link: str, clock: StoppedClock, step: str
) -> None:
    before = all_subscriber_rows(app)
    clock.advance(days=91)
    assert (
        page.post(link + step, SUBSCRIPTION_FORM | {"until": "2026-06-30"}, form_page="/").status_code == 410
    )
    assert "older than 90 days" in page.get(link).text
    assert page.get(f"{link}/erase").status_code == 410
    assert all_subscriber_rows(app) == before


@pytest.mark.parametrize("step", ["", "/pause", "/erase"])
def test_without_the_forms_token_nothing_changes(
    app: Flask, page: BrowserSession, link: str, step: str
) -> None:
    before = all_subscriber_rows(app)
    assert page.post_without_token(link + step, SUBSCRIPTION_FORM).status_code == 400
    assert all_subscriber_rows(app) == before


def test_a_region_that_is_no_more_does_not_break_the_page(
    app: Flask, page: BrowserSession, link: str
) -> None:
    db, public_id = get_parts(app).db, get_subscriber(app).public_id
    with db.begin() as tx:
        tx.add(Preferences(key="old", regions=["yugoslavia", "ge"], language="en"))
        tx.flush()
        store.by_public_id(tx, public_id).preferences_key = "old"
    assert "Georgia" in page.get_page(link)


@pytest.mark.parametrize("ending", [".", ")", ">", "…", "/", "%20", "%0A", "%E2%80%9D", "%2F."])
def test_the_link_works_whatever_stands_behind_it(
    app: Flask, page: BrowserSession, link: str, ending: str
) -> None:
    shown = page.get_page(link + ending)
    assert f'action="{link}"' in shown
    assert f'"{link}/data"' in shown
    answer = page.post(link + ending, SUBSCRIPTION_FORM, form_page=link)
    assert (answer.status_code, answer.location) == (303, "/sent")

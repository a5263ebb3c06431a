"""Own data: only a new link from the mailbox shows the address, what was sent, and all that is stored."""

import json

import pytest
from flask import Flask
from sqlalchemy import update

from digest.deliveries.models import Delivery
from digest.deliveries.planning import edition_planner
from digest.deliveries.states import DeliveryState
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import ANN, get_parts, get_subscriber, link_path, new_browser


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


@pytest.fixture
def links(app: Flask, world: World) -> tuple[str, str]:
    """The link of a digest and the link of a letter, of Ann, for whom one digest is planned."""
    world.article("The river & the <market> open again")
    public_id = world.subscriber(ANN).public_id
    p = get_parts(app)
    edition_planner.plan_due(p.db, p.planner(), world.clock())
    return link_path(app, "preferences", public_id), link_path(app, "owner", public_id)


def send_all(app: Flask) -> None:
    """Let the mail server accept what is planned."""
    with get_parts(app).db.begin() as tx:
        tx.execute(update(Delivery).values(state=DeliveryState.ACCEPTED))


def test_a_letters_link_shows_the_address_and_what_was_sent(
    app: Flask, page: BrowserSession, links: tuple[str, str]
) -> None:
    send_all(app)
    shown = page.get_page(f"{links[1]}/data")
    assert ANN in shown
    assert "The river &amp; the &lt;market&gt; open again" in shown
    assert 'href="/read/' in shown
    assert "Tuesday 10 March" in shown


def test_the_file_has_all_that_is_stored(app: Flask, page: BrowserSession, links: tuple[str, str]) -> None:
    answer = page.get(f"{links[1]}/data.json")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="my-data.json"'
    assert answer.headers["Cache-Control"] == "no-store"
    data = json.loads(answer.text)
    assert (data["email"], data["state"]) == (ANN, "active")
    assert data["subscription"]["regions"] == ["central-asia"]
    assert [digest["state"] for digest in data["digests"]] == ["planned"]
    assert get_subscriber(app).public_id not in answer.text


def test_a_digest_that_is_not_sent_yet_cannot_be_read(
    app: Flask, page: BrowserSession, links: tuple[str, str]
) -> None:
    assert "/read/" not in page.get_page(f"{links[1]}/data")
    assert "/read/" not in page.get(f"{links[1]}/data.json").text
    send_all(app)
    (digest,) = json.loads(page.get(f"{links[1]}/data.json").text)["digests"]
    assert digest["url"].startswith("https://news.example.org/read/")


def test_a_digests_link_shows_neither_and_can_ask_for_a_new_link(
    page: BrowserSession, links: tuple[str, str], clock: StoppedClock
) -> None:
    digest_link, letter_link = links
    clock.advance(minutes=16)
    for link in (digest_link, letter_link):  # a letter's link is a digest's after a quarter of an hour
        shown = page.get_page(f"{link}/data")
        assert ANN not in shown
        assert "market" not in shown
        assert f'action="{link}/owner"' in shown
        assert page.get(f"{link}/data.json").status_code == 303


def test_what_is_no_address_is_said_beside_the_field(page: BrowserSession, links: tuple[str, str]) -> None:
    link = links[1]
    answer = page.post(f"{link}/address", {"email": "nobody"}, form_page=f"{link}/data")
    assert answer.status_code == 422
    assert "is not an e-mail address" in answer.text

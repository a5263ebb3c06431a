"""Coming back: who is known and asks for something else gets a letter with the choice; nothing is dropped."""

import pytest
from flask import Flask
from sqlalchemy import select

from digest.subscribers import lifecycle
from digest.subscribers.models import Letter
from digest.subscribers.pure.email_address import parse_address
from digest.subscribers.states import LetterKind, SuppressionReason
from digest.subscribers.store.suppressions import SuppressionCause
from tests.builders import World
from tests.conftest import StoppedClock
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import (
    ANN,
    SUBSCRIPTION_FORM,
    all_subscriber_rows,
    get_parts,
    get_subscriber,
    letter_kinds,
    link_path,
    new_browser,
)

NEW_ADDRESS = "ann@example.org"


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


@pytest.fixture
def digest_link(app: Flask, world: World) -> str:
    """The link of Ann's digests, which are about France."""
    return link_path(app, "preferences", world.subscriber(ANN, regions=["fr"]).public_id)


def letter_link(app: Flask, kind: LetterKind) -> str:
    """The link of the newest letter of a kind."""
    assert letter_kinds(app)[-1] == kind
    with get_parts(app).db.read() as tx:
        letter = tx.scalars(select(Letter).order_by(Letter.id.desc())).first()
    assert letter is not None
    return link_path(app, "change" if kind == LetterKind.CHANGE else "address", letter.public_id)


def asked_again(app: Flask, page: BrowserSession) -> str:
    """Ann signs up again with other regions, in Russian; the link of the letter that she gets."""
    page.post("/", SUBSCRIPTION_FORM | {"email": ANN, "language": "ru"}, form_page="/")
    return letter_link(app, LetterKind.CHANGE)


@pytest.mark.usefixtures("digest_link")
def test_the_letters_page_shows_both_choices_and_changes_nothing(app: Flask, page: BrowserSession) -> None:
    link = asked_again(app, page)
    before = all_subscriber_rows(app)
    shown = page.get_page(link)
    assert "The news of France, daily" in shown
    assert "The news of Central Asia and Georgia, daily at 07:00 (Tashkent)" in shown
    assert "The news of France, Central Asia and Georgia, daily" in shown
    assert all_subscriber_rows(app) == before


@pytest.mark.usefixtures("digest_link")
@pytest.mark.parametrize(
    ("choice", "regions", "language", "zone"),
    [
        ("replace", ["central-asia", "ge"], "ru", "Asia/Tashkent"),
        ("add", ["fr", "central-asia", "ge"], "ru", "UTC"),
        ("keep", ["fr"], "en", "UTC"),
    ],
)
def test_each_choice_does_what_it_says_however_often(
    app: Flask, page: BrowserSession, *, choice: str, regions: list[str], language: str, zone: str
) -> None:
    link = asked_again(app, page)
    for _ in range(2):
        assert page.post(link, {"choice": choice}, form_page=link).status_code == 200
        after = get_subscriber(app)
        assert after.preferences.regions == regions
        assert (after.preferences.language, after.zone, after.email) == (language, zone, ANN)


@pytest.mark.usefixtures("digest_link")
def test_who_asks_for_the_same_again_gets_the_usual_link(app: Flask, page: BrowserSession) -> None:
    same = {
        "regions": ["fr"],
        "cadence": "daily",
        "weekday": "0",
        "time": "07:00",
        "zone": "UTC",
        "language": "en",
    }
    page.post("/", same | {"email": ANN}, form_page="/")
    assert letter_kinds(app) == ["link"]


def test_a_digests_link_asks_the_mailbox_before_it_changes_anything(
    app: Flask, page: BrowserSession, digest_link: str
) -> None:
    answer = page.post(digest_link, SUBSCRIPTION_FORM | {"language": "en"}, form_page=digest_link)
    assert (answer.status_code, answer.location) == (303, "/sent")
    assert get_subscriber(app).preferences.regions == ["fr"]
    link = letter_link(app, LetterKind.CHANGE)
    page.post(link, {"choice": "replace"}, form_page=link)
    assert get_subscriber(app).preferences.regions == ["central-asia", "ge"]


@pytest.mark.usefixtures("digest_link")
@pytest.mark.parametrize("data", [{}, {"choice": "everything"}])
def test_an_unknown_choice_changes_nothing(app: Flask, page: BrowserSession, data: dict[str, str]) -> None:
    link = asked_again(app, page)
    assert page.post(link, data, form_page=link).status_code == 400
    assert get_subscriber(app).preferences.regions == ["fr"]


@pytest.mark.usefixtures("digest_link")
def test_an_old_letter_and_one_of_who_left_offer_nothing(
    app: Flask, page: BrowserSession, clock: StoppedClock
) -> None:
    link = asked_again(app, page)
    clock.advance(days=8)
    assert page.get(link).status_code == 410
    assert page.post(link, {"choice": "replace"}, form_page="/").status_code == 410
    clock.advance(days=-8)
    unsubscribe = link_path(app, "unsubscribe", get_subscriber(app).public_id)
    page.post(unsubscribe, form_page=unsubscribe)
    assert "no longer valid" in page.get_page(link)
    assert page.post(link, {"choice": "replace"}, form_page="/").status_code == 409


def test_a_new_address_is_confirmed_by_both_mailboxes(
    app: Flask, page: BrowserSession, digest_link: str
) -> None:
    public_id = get_subscriber(app).public_id
    form = {"email": NEW_ADDRESS}
    assert page.post(f"{digest_link}/address", form, form_page=digest_link).status_code == 403
    owner = link_path(app, "owner", public_id)
    answer = page.post(f"{owner}/address", form, form_page=f"{owner}/data")
    assert (answer.status_code, answer.location) == (303, "/sent")
    link = letter_link(app, LetterKind.ADDRESS)
    assert NEW_ADDRESS in page.get_page(link)
    assert get_subscriber(app).email == ANN
    for _ in range(2):
        assert page.post(link, form_page=link).status_code == 200
        assert get_subscriber(app, NEW_ADDRESS).public_id == public_id


@pytest.mark.parametrize("holder", ["subscriber", "suppressed"])
def test_an_address_that_is_taken_or_suppressed_gets_no_letter_and_the_page_does_not_say_so(
    app: Flask, page: BrowserSession, world: World, digest_link: str, holder: str
) -> None:
    assert digest_link
    world.subscriber(NEW_ADDRESS, state="active" if holder == "subscriber" else "suppressed")
    owner = link_path(app, "owner", get_subscriber(app).public_id)
    answer = page.post(f"{owner}/address", {"email": NEW_ADDRESS}, form_page=f"{owner}/data")
    assert (answer.status_code, answer.location) == (303, "/sent")
    assert letter_kinds(app) == []


def test_an_address_that_somebody_else_took_meanwhile_stays_theirs(
    app: Flask, page: BrowserSession, world: World, digest_link: str
) -> None:
    assert digest_link
    owner = link_path(app, "owner", get_subscriber(app).public_id)
    page.post(f"{owner}/address", {"email": NEW_ADDRESS}, form_page=f"{owner}/data")
    link = letter_link(app, LetterKind.ADDRESS)
    world.subscriber(NEW_ADDRESS)
    assert page.post(link, form_page=link).status_code == 409
    assert get_subscriber(app).email == ANN


def move_link(app: Flask, page: BrowserSession, address: str) -> str:
    """Ann asks for her digests at another address; the link of the letter that goes there."""
    owner = link_path(app, "owner", get_subscriber(app).public_id)
    page.post(f"{owner}/address", {"email": address}, form_page=f"{owner}/data")
    return letter_link(app, LetterKind.ADDRESS)


@pytest.mark.usefixtures("digest_link")
def test_an_address_that_was_suppressed_meanwhile_gets_nothing(app: Flask, page: BrowserSession) -> None:
    link, p = move_link(app, page, NEW_ADDRESS), get_parts(app)
    lifecycle.suppress_address(
        p.db,
        parse_address(NEW_ADDRESS),
        SuppressionCause(SuppressionReason.EDITOR),
        secret=p.settings.secret_key,
        now=p.clock(),
    )
    assert page.post(link, form_page=link).status_code == 409
    assert get_subscriber(app).email == ANN


@pytest.mark.usefixtures("digest_link")
def test_the_letter_to_an_address_that_was_left_again_brings_nothing_back(
    app: Flask, page: BrowserSession, clock: StoppedClock
) -> None:
    first = move_link(app, page, NEW_ADDRESS)
    page.post(first, form_page=first)
    clock.advance(minutes=1)
    owner = link_path(app, "owner", get_subscriber(app, NEW_ADDRESS).public_id)
    page.post(f"{owner}/address", {"email": "ann@example.net"}, form_page=f"{owner}/data")
    second = letter_link(app, LetterKind.ADDRESS)
    assert page.post(second, form_page=second).status_code == 200
    assert page.post(first, form_page=first).status_code == 409
    assert get_subscriber(app, "ann@example.net").state == "active"

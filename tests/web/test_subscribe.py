"""The form at `/`: its validation, its responses, and that it does not reveal who is a subscriber."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from digest.subscribers import lifecycle
from digest.subscribers.models import Letter, LetterRequest
from tests.builders import World
from tests.web.browser_session import BrowserSession
from tests.web.subscribers import (
    ANN,
    SUBSCRIPTION_FORM,
    get_parts,
    get_subscriber,
    letter_kinds,
    new_browser,
)

OF_EACH_REQUEST = ("Set-Cookie", "X-Request-ID")  # headers that are random


@pytest.fixture
def page(app: Flask) -> BrowserSession:
    return new_browser(app)


def test_after_signing_up_the_page_says_to_check_the_inbox(app: Flask, page: BrowserSession) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/")
    assert (answer.status_code, answer.location) == (303, "/sent")
    assert "Check your inbox" in page.get_page("/sent")
    assert get_subscriber(app).state == "pending"
    assert get_subscriber(app).preferences.regions == ["central-asia", "ge"]
    assert letter_kinds(app) == ["confirm"]


def test_the_answer_is_the_same_for_everybody(app: Flask, world: World) -> None:
    world.subscriber("active@example.com")
    world.subscriber("left@example.com", state="unsubscribed")
    world.subscriber("bounced@example.com", state="suppressed")
    erased = world.subscriber("erased@example.com")
    p = get_parts(app)
    lifecycle.erase(p.db, erased.public_id, secret=p.settings.secret_key, now=p.clock())
    for form, data in (("/", SUBSCRIPTION_FORM), ("/link", {})):
        answers = set()
        for name in ("new", "active", "left", "bounced", "erased", "nobody"):
            answer = new_browser(app).post(form, data | {"email": f"{name}@example.com"}, form_page=form)
            headers = {(key, value) for key, value in answer.headers if key not in OF_EACH_REQUEST}
            answers.add((answer.status_code, answer.text, frozenset(headers)))
        assert len(answers) == 1, form


def test_the_fifth_letter_of_a_day_is_not_written_and_the_response_does_not_show_it(app: Flask) -> None:
    locations = {
        new_browser(app).post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/").location
        for _ in range(6)
    }
    assert locations == {"/sent"}
    assert letter_kinds(app) == ["confirm"] * 4


def test_an_erased_reader_can_sign_up_again(app: Flask, page: BrowserSession, world: World) -> None:
    gone = world.subscriber(ANN)
    p = get_parts(app)
    lifecycle.erase(p.db, gone.public_id, secret=p.settings.secret_key, now=p.clock())
    page.post("/link", {"email": ANN}, form_page="/link")
    assert letter_kinds(app) == []
    page.post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/")
    assert letter_kinds(app) == ["confirm"]


def test_the_page_only_records_what_was_asked_for(app: Flask, page: BrowserSession, world: World) -> None:
    world.subscriber("active@example.com")
    for form, data in (("/", SUBSCRIPTION_FORM), ("/link", {})):
        for name in ("active", "nobody"):
            page.post(form, data | {"email": f"{name}@example.com"}, form_page=form)
    with get_parts(app).db.read() as tx:
        assert tx.scalar(select(func.count()).select_from(LetterRequest)) == 4
        assert tx.scalar(select(func.count()).select_from(Letter)) == 0


def test_an_unsubscribed_address_that_signs_up_again_gets_a_confirmation_letter(
    app: Flask, page: BrowserSession, world: World
) -> None:
    world.subscriber(ANN, state="unsubscribed")
    page.post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/")
    assert letter_kinds(app) == ["confirm"]
    assert get_subscriber(app).state == "unsubscribed"  # until the holder of the address says yes


def test_a_subscriber_who_signs_up_again_gets_a_letter_and_keeps_their_subscription(
    app: Flask, page: BrowserSession, world: World
) -> None:
    world.subscriber(ANN, regions=["fr"])
    page.post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/")
    assert letter_kinds(app) == ["change"]
    assert get_subscriber(app).preferences.regions == ["fr"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("email", "ann@", "is not an e-mail address"),
        ("email", "ann@example.com\r\nBcc: all@example.com", "is not an e-mail address"),
        ("regions", "atlantis", "atlantis"),
        ("regions", "", "not known"),
        ("zone", "Mars/Olympus", "Mars/Olympus"),
        ("zone", "", "Time zone"),
        ("time", "07:03", "steps of 15 minutes"),
        ("cadence", "hourly", "hourly"),
    ],
)
def test_an_invalid_field_is_named_and_the_typed_values_stay(
    app: Flask, page: BrowserSession, field: str, value: str, message: str
) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"email": "kept@example.com", field: value}, form_page="/")
    assert answer.status_code == 422
    assert message in answer.text.replace("&#39;", "'")
    if field != "email":
        assert 'value="kept@example.com"' in answer.text
    if field != "zone":
        assert '<option value="Asia/Tashkent" selected>' in answer.text
    if field != "regions":
        assert 'value="ge" checked' in " ".join(answer.text.split())
    assert letter_kinds(app) == []


def test_no_region_at_all_is_an_error_of_its_own(app: Flask, page: BrowserSession) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"regions": [], "email": ANN}, form_page="/")
    assert answer.status_code == 422
    assert "Choose at least one region" in answer.text


def test_typed_values_are_escaped(page: BrowserSession) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"email": '"><script>alert(1)</script>'}, form_page="/")
    assert "<script>alert" not in answer.text


def test_a_search_narrows_the_list_and_keeps_the_ticked_regions(app: Flask, page: BrowserSession) -> None:
    answer = page.post("/", SUBSCRIPTION_FORM | {"find": "1", "query": "uzbek", "email": ANN}, form_page="/")
    assert answer.status_code == 200
    assert 'value="uz"' in answer.text
    assert 'name="regions" value="fr"' not in answer.text
    assert 'name="regions" value="ge"' in answer.text
    assert letter_kinds(app) == []


@pytest.mark.parametrize("query", ["zzzz", "<b>", "%", "\u0000", "x" * 5000, "كازاخستان"])
def test_any_search_has_an_answer(page: BrowserSession, query: str) -> None:
    assert page.post("/", {"find": "1", "query": query}, form_page="/").status_code == 200


def test_only_subscribers_are_sent_a_link(app: Flask, page: BrowserSession, world: World) -> None:
    world.subscriber(ANN)
    for email in (ANN, "nobody@example.com"):
        assert page.post("/link", {"email": email}, form_page="/link").status_code == 303
    assert letter_kinds(app) == ["link"]


def test_an_invalid_address_is_an_error_on_the_form_for_links(page: BrowserSession) -> None:
    answer = page.post("/link", {"email": "nonsense"}, form_page="/link")
    assert answer.status_code == 422
    assert 'value="nonsense"' in answer.text


def test_a_preset_region_in_the_address_is_ticked(page: BrowserSession) -> None:
    assert 'value="ge" checked' in " ".join(page.get_page("/?regions=ge&regions=atlantis").split())


@pytest.mark.parametrize(
    "typed",
    ["\ufeffnora@example.org", "nora@example.org\u200b", "Nora <nora@example.org>", "nora＠example.org",
     "mailto:nora@example.org"],
)  # fmt: skip
def test_a_pasted_address_subscribes_the_person_who_is_meant(
    app: Flask, page: BrowserSession, typed: str
) -> None:
    assert page.post("/", SUBSCRIPTION_FORM | {"email": typed}, form_page="/").status_code == 303
    assert get_subscriber(app, "nora@example.org").state == "pending"
    assert page.post("/link", {"email": typed}, form_page="/link").status_code == 303

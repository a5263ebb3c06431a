"""The form at `/`: what it takes, what it answers, and that it tells nobody who is a reader."""

import pytest
from flask import Flask

from digest.subscribers import lifecycle
from tests.builders import World
from tests.web.browser_session import Desk
from tests.web.subscribers import ANN, WISHES, browser, known, letters, parts_of, reader


@pytest.fixture
def page(app: Flask) -> Desk:
    return browser(app)


def test_who_joins_is_told_to_look_into_their_inbox(app: Flask, page: Desk) -> None:
    answer = page.post("/", WISHES | {"email": ANN}, on="/")
    assert (answer.status_code, answer.location) == (303, "/sent")
    assert "Look into your inbox" in page.page("/sent")
    assert known(app).state == "pending"
    assert known(app).preferences.regions == ["central-asia", "ge"]
    assert letters(app) == ["confirm"]


def test_the_answer_is_the_same_for_everybody(app: Flask, world: World) -> None:
    world.reader("active@example.com")
    world.reader("left@example.com", state="unsubscribed")
    world.reader("bounced@example.com", state="suppressed")
    erased = world.reader("erased@example.com")
    p = parts_of(app)
    lifecycle.erase(p.db, erased.public_id, secret=p.settings.secret_key, now=p.reader.clock())
    for form, data in (("/", WISHES), ("/link", {})):
        answers = set()
        for name in ("new", "active", "left", "bounced", "erased", "nobody"):
            answer = browser(app).post(form, data | {"email": f"{name}@example.com"}, on=form)
            headers = {(key, value) for key, value in answer.headers if key != "Set-Cookie"}
            answers.add((answer.status_code, answer.text, frozenset(headers)))
        assert len(answers) == 1, form


def test_the_fifth_letter_of_a_day_is_not_written_and_nobody_can_tell(app: Flask) -> None:
    locations = {browser(app).post("/", WISHES | {"email": ANN}, on="/").location for _ in range(6)}
    assert locations == {"/sent"}
    assert letters(app) == ["confirm"] * 4


def test_an_erased_address_gets_no_letter(app: Flask, page: Desk, world: World) -> None:
    gone = world.reader(ANN)
    p = parts_of(app)
    lifecycle.erase(p.db, gone.public_id, secret=p.settings.secret_key, now=p.reader.clock())
    page.post("/", WISHES | {"email": ANN}, on="/")
    page.post("/link", {"email": ANN}, on="/link")
    assert letters(app) == []
    assert reader(app) is None


def test_who_left_and_joins_again_gets_a_letter_to_confirm(app: Flask, page: Desk, world: World) -> None:
    world.reader(ANN, state="unsubscribed")
    page.post("/", WISHES | {"email": ANN}, on="/")
    assert letters(app) == ["confirm"]
    assert known(app).state == "unsubscribed"  # until the holder of the address says yes


def test_a_reader_who_joins_again_gets_their_link_and_keeps_what_they_have(
    app: Flask, page: Desk, world: World
) -> None:
    world.reader(ANN, regions=["fr"])
    page.post("/", WISHES | {"email": ANN}, on="/")
    assert letters(app) == ["link"]
    assert known(app).preferences.regions == ["fr"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
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
def test_a_wrong_field_is_named_and_what_was_typed_stays(
    app: Flask, page: Desk, field: str, value: str, told: str
) -> None:
    answer = page.post("/", WISHES | {"email": "kept@example.com", field: value}, on="/")
    assert answer.status_code == 422
    assert told in answer.text.replace("&#39;", "'")
    if field != "email":
        assert 'value="kept@example.com"' in answer.text
    if field != "zone":
        assert '<option value="Asia/Tashkent" selected>' in answer.text
    if field != "regions":
        assert 'value="ge" checked' in " ".join(answer.text.split())
    assert letters(app) == []


def test_no_region_at_all_is_an_error_of_its_own(app: Flask, page: Desk) -> None:
    answer = page.post("/", WISHES | {"regions": [], "email": ANN}, on="/")
    assert answer.status_code == 422
    assert "Choose at least one region" in answer.text


def test_what_is_typed_is_escaped(page: Desk) -> None:
    answer = page.post("/", WISHES | {"email": '"><script>alert(1)</script>'}, on="/")
    assert "<script>alert" not in answer.text


def test_finding_narrows_the_list_and_keeps_what_is_ticked(app: Flask, page: Desk) -> None:
    answer = page.post("/", WISHES | {"find": "1", "query": "uzbek", "email": ANN}, on="/")
    assert answer.status_code == 200
    assert 'value="uz"' in answer.text
    assert 'name="regions" value="fr"' not in answer.text
    assert 'name="regions" value="ge"' in answer.text
    assert letters(app) == []


@pytest.mark.parametrize("query", ["zzzz", "<b>", "%", "\u0000", "x" * 5000, "كازاخستان"])
def test_any_search_has_an_answer(page: Desk, query: str) -> None:
    assert page.post("/", {"find": "1", "query": query}, on="/").status_code == 200


def test_without_the_forms_token_nothing_is_taken(app: Flask, page: Desk) -> None:
    answer = page.post_bare("/", WISHES | {"email": ANN})
    assert answer.status_code == 400
    assert "send the form again" in answer.text
    assert reader(app) is None


def test_a_link_is_mailed_to_readers_and_to_nobody_else(app: Flask, page: Desk, world: World) -> None:
    world.reader(ANN)
    for email in (ANN, "nobody@example.com"):
        assert page.post("/link", {"email": email}, on="/link").status_code == 303
    assert letters(app) == ["link"]


def test_an_address_that_is_none_is_told_so_on_the_form_for_links(page: Desk) -> None:
    answer = page.post("/link", {"email": "nonsense"}, on="/link")
    assert answer.status_code == 422
    assert 'value="nonsense"' in answer.text


def test_a_preset_region_in_the_address_is_ticked(page: Desk) -> None:
    assert 'value="ge" checked' in " ".join(page.page("/?regions=ge&regions=atlantis").split())

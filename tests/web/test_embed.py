"""The form on other sites: only on those that are allowed, without a cookie, and with the same letter as everywhere."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.errors import SettingsError
from digest.parts import EXTENSION_KEY
from digest.settings import Settings
from tests.web.subscribers import ANN, SUBSCRIPTION_FORM, find_subscriber, get_parts, get_subscriber

BLOG = "https://blog.example"
FORM = SUBSCRIPTION_FORM | {"email": ANN, "thanks": f"{BLOG}/thanks"}
CROSS_SITE = {"Origin": BLOG, "Sec-Fetch-Site": "cross-site"}


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    p = get_parts(app)
    app.extensions[EXTENSION_KEY] = replace(
        p, settings=replace(p.settings, embed_origins=frozenset({BLOG, "https://www.example.org"}))
    )
    return app.test_client()


def test_the_frame_is_for_the_allowed_sites_and_sets_no_cookie(client: FlaskClient) -> None:
    answer = client.get(f"/embed?regions=ge&regions=kz&regions=atlantis&lang=fa&thanks={BLOG}/thanks")
    assert f"frame-ancestors {BLOG} https://www.example.org;" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert '<html lang="fa" dir="rtl">' in answer.text
    assert '<input type="hidden" name="regions" value="ge">' in answer.text
    assert "atlantis" not in answer.text
    assert f'name="thanks" value="{BLOG}/thanks"' in answer.text


def test_without_allowed_sites_nobody_may_frame_it(app: Flask) -> None:
    policy = app.test_client().get("/embed").headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy


def test_a_frame_subscribes_and_answers_in_place(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/embed", data=FORM, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert f'href="{BLOG}/thanks"' in answer.text
    assert f"frame-ancestors {BLOG}" in answer.headers["Content-Security-Policy"]
    assert get_subscriber(app).state == "pending"


def test_a_form_of_an_allowed_site_subscribes_and_goes_back_there(app: Flask, client: FlaskClient) -> None:
    answer = client.post("/embed", data=FORM, headers=CROSS_SITE)
    assert (answer.status_code, answer.location) == (303, f"{BLOG}/thanks")
    assert get_subscriber(app).state == "pending"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://blog.example", f"{BLOG}.evil.example"]
)
def test_other_sites_subscribe_nobody(app: Flask, client: FlaskClient, origin: str) -> None:
    headers = {"Origin": origin, "Sec-Fetch-Site": "cross-site"}
    assert client.post("/embed", data=FORM, headers=headers).status_code == 403
    assert find_subscriber(app) is None


def test_a_program_that_fills_the_hidden_field_gets_the_same_answer_and_no_letter(
    app: Flask, client: FlaskClient
) -> None:
    answer = client.post("/embed", data=FORM | {"website": "https://spam.example"}, headers=CROSS_SITE)
    assert answer.status_code == 303
    assert find_subscriber(app) is None


@pytest.mark.parametrize(
    "thanks", ["https://evil.example/", "javascript:alert(1)", "//evil.example", "https://["]
)
def test_a_thank_you_page_elsewhere_is_left_out(client: FlaskClient, thanks: str) -> None:
    assert "evil" not in client.get("/embed", query_string={"thanks": thanks}).text
    answer = client.post("/embed", data=FORM | {"thanks": thanks}, headers=CROSS_SITE)
    assert answer.status_code == 200
    assert "evil" not in answer.text


@pytest.mark.parametrize(("field", "value"), [("email", "nobody"), ("zone", "Mars/Base"), ("regions", [])])
def test_what_is_wrong_is_said_in_the_frame(client: FlaskClient, field: str, value: object) -> None:
    answer = client.post("/embed", data=FORM | {field: value}, headers=CROSS_SITE)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    "text", ["blog.example", "https://a.example/page", "https://a.example; script-src *", "ftp://a.example"]
)
def test_a_setting_that_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="EMBED_ORIGINS"):
        Settings.from_env({"SECRET_KEY": "s" * 32, "DATELINE_VAR": "/nowhere", "EMBED_ORIGINS": text})

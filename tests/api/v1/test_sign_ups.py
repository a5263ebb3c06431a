"""The sign-up for other sites: no token, no cookie, the same answer for everybody, and only from the allowed sites."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.parts import EXTENSION_KEY, Parts
from digest.subscribers import letter_requests
from digest.subscribers.store import subscribers
from tests.api.v1.conftest import BASE
from tests.builders import World

SITE = "https://www.example.com"
BODY = {"email": "ann@example.org", "regions": ["central-asia"]}


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A browser on any site; the pages of SITE may sign people up."""
    parts: Parts = app.extensions[EXTENSION_KEY]
    settings = replace(parts.settings, sign_up_origins=frozenset([SITE]))
    app.extensions[EXTENSION_KEY] = replace(parts, settings=settings)
    return app.test_client()


def sign_up(visitor: FlaskClient, body: Any = BODY, **headers: str) -> TestResponse:
    return visitor.post("/api/v1/sign-ups", json=body, headers=headers, base_url=BASE)


def test_a_sign_up_leads_to_a_letter_and_the_answer_reveals_nothing(
    visitor: FlaskClient, world: World, parts: Parts
) -> None:
    world.subscriber("known@example.org")
    answers = [
        sign_up(visitor, BODY | {"email": email}) for email in ("new@example.org", "known@example.org")
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].data == answers[1].data
    headers = [
        {name: value for name, value in answer.headers if name != "X-Request-ID"} for answer in answers
    ]
    assert headers[0] == headers[1]
    assert "Set-Cookie" not in answers[0].headers
    letter_requests.process_all(parts.db, secret=parts.settings.secret_key, per_hour=0, now=parts.clock())
    with parts.db.read() as tx:
        assert subscribers.count_by_state(tx) == {"active": 1, "pending": 1}


def test_a_browser_may_send_it_from_an_allowed_site(visitor: FlaskClient) -> None:
    preflight = visitor.options(
        "/api/v1/sign-ups", base_url=BASE, headers={"Origin": SITE, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.headers["Access-Control-Allow-Origin"] == SITE
    assert preflight.headers["Access-Control-Allow-Headers"] == "Content-Type"
    assert "Access-Control-Allow-Credentials" not in preflight.headers
    answer = sign_up(visitor, Origin=SITE)
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (202, SITE)
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://www.example.com.evil.example"])
def test_a_browser_may_not_send_it_from_another_site(visitor: FlaskClient, origin: str, parts: Parts) -> None:
    answer = sign_up(visitor, Origin=origin)
    assert answer.status_code == 403
    assert "SIGN_UP_ORIGINS" in answer.text
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert letter_requests.process_all(parts.db, secret="x", per_hour=0, now=parts.clock()) == 0


def test_no_other_operation_is_open_to_other_sites(visitor: FlaskClient) -> None:
    for path in ("/subscribers", "/openapi.json", "/regions"):
        for method in ("OPTIONS", "GET"):
            answer = visitor.open(f"/api/v1{path}", method=method, base_url=BASE, headers={"Origin": SITE})
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_wrong_values_are_named(visitor: FlaskClient) -> None:
    answer = sign_up(visitor, {"email": "ann", "regions": ["central-asia"]})
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["errors"][0]["at"] == "/email"
    assert sign_up(visitor, BODY | {"consent": {}}).status_code == 422


def test_one_network_may_sign_up_only_so_often(visitor: FlaskClient) -> None:
    statuses = [sign_up(visitor, BODY | {"email": f"a{n}@example.org"}).status_code for n in range(21)]
    assert statuses == [202] * 20 + [429]

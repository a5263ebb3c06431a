"""Health checks; pages work while the broker is down."""

import time
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from digest.app import create_app
from digest.deliveries.sending.letter_sender import send_letters
from digest.settings import Settings
from tests.web.subscribers import ANN, SUBSCRIPTION_FORM, get_parts, letter_kinds, new_browser

TOKEN = "a token of the monitoring that is long enough"


def test_healthz_is_ok_while_the_process_answers(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_readyz_names_a_broker_that_is_down(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    checks = response.get_json()["checks"]
    assert checks["database"] == checks["migrations"] == "ok"
    assert "REDIS_URL" in checks["broker"]


@pytest.mark.parametrize(
    ("request_options", "shows_details"),
    [
        ({}, True),
        ({"environ_base": {"REMOTE_ADDR": "192.0.2.7"}}, False),
        ({"headers": {"X-Forwarded-For": "192.0.2.7"}}, False),
        ({"base_url": "https://news.example.org"}, False),  # a page elsewhere, opened on this machine
        ({"headers": {"X-Forwarded-For": "192.0.2.7", "Authorization": f"Bearer {TOKEN}"}}, True),
        (
            {
                "environ_base": {"REMOTE_ADDR": "192.0.2.7"},
                "headers": {"Authorization": "Bearer " + "x" * 40},
            },
            False,
        ),
        ({"environ_base": {"REMOTE_ADDR": "192.0.2.7"}, "headers": {"Authorization": "Bearer é"}}, False),
    ],
)
def test_readyz_tells_details_only_to_this_machine_or_with_the_token(
    settings: Settings, request_options: dict[str, Any], shows_details: bool
) -> None:
    client = create_app(replace(settings, monitoring_token=TOKEN)).test_client()
    answer = client.get("/readyz", **request_options)
    assert answer.status_code == 503
    assert answer.get_json()["status"] == "unavailable"
    assert ("checks" in answer.get_json()) == shows_details


def test_without_a_token_none_is_right(settings: Settings) -> None:
    answer = (
        create_app(settings)
        .test_client()
        .get("/readyz", environ_base={"REMOTE_ADDR": "192.0.2.7"}, headers={"Authorization": "Bearer "})
    )
    assert "checks" not in answer.get_json()


def test_readyz_names_missing_migrations_and_the_command_that_applies_them(settings: Settings) -> None:
    app = create_app(settings)
    checks = app.test_client().get("/readyz").get_json()["checks"]
    assert "dateline db upgrade" in checks["migrations"]


def test_readyz_names_a_database_that_is_down_and_pages_are_unavailable(settings: Settings) -> None:
    app = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/x?connect_timeout=2"))
    client = app.test_client()
    response = client.get("/readyz")
    assert response.status_code == 503
    assert "database" in response.get_json()["checks"]["database"]
    page = client.get("/", base_url="https://news.example.org")
    assert page.status_code == 503
    assert "Temporarily unavailable" in page.text


def test_while_the_broker_is_down_pages_answer_soon_and_letters_wait_in_the_database(app: Flask) -> None:
    started = time.perf_counter()
    response = new_browser(app).post("/", SUBSCRIPTION_FORM | {"email": ANN}, form_page="/")
    assert time.perf_counter() - started < 5
    assert response.status_code == 303
    assert letter_kinds(app) == ["confirm"]
    p = get_parts(app)
    assert send_letters(p.db, p.sending).claimed == 1

"""Health checks; pages work while the broker is down."""

import time
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from digest.app import create_app
from digest.deliveries.sending.letter_sender import send_letters
from digest.settings import Settings
from tests.web.subscribers import ANN, SUBSCRIPTION_FORM, get_parts, letter_kinds, new_browser


def test_healthz_is_ok_while_the_process_answers(client: FlaskClient) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_readyz_names_a_broker_that_is_down(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 503
    checks = response.get_json()["checks"]
    assert checks["database"] == checks["migrations"] == "ok"
    assert "REDIS_URL" in checks["broker"]


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

"""Health: what monitors ask, and that the pages go on while the broker is down."""

import time
from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from digest.app import create_app
from digest.deliveries.sending.delivery_sender import send_letters
from digest.settings import Settings
from tests.web.subscribers import ANN, WISHES, browser, letters, parts_of


def test_the_process_says_that_it_lives(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_broker_that_is_down_is_named(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    checks = answer.get_json()["checks"]
    assert checks["database"] == checks["migrations"] == "ok"
    assert "REDIS_URL" in checks["broker"]


def test_a_schema_that_is_behind_is_named_with_the_mend(settings: Settings) -> None:
    app = create_app(settings)
    checks = app.test_client().get("/readyz").get_json()["checks"]
    assert "dateline db upgrade" in checks["migrations"]


def test_a_database_that_is_down_is_named_and_the_page_says_not_just_now(settings: Settings) -> None:
    app = create_app(replace(settings, database_url="postgresql://nobody@127.0.0.1:1/x?connect_timeout=2"))
    client = app.test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "database" in answer.get_json()["checks"]["database"]
    page = client.get("/", base_url="https://news.example.org")
    assert page.status_code == 503
    assert "Not just now" in page.text


def test_while_the_broker_is_down_pages_answer_soon_and_letters_wait_in_their_rows(app: Flask) -> None:
    started = time.perf_counter()
    answer = browser(app).post("/", WISHES | {"email": ANN}, on="/")
    assert time.perf_counter() - started < 5
    assert answer.status_code == 303
    assert letters(app) == ["confirm"]
    p = parts_of(app)
    assert send_letters(p.db, p.post) == 1

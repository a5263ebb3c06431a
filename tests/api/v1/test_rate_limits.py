"""How often a token may be used, and how often somebody may try one."""

from dataclasses import replace

import pytest
from flask import Flask

from digest.app import create_app
from digest.settings import Settings
from tests.api.v1.conftest import BASE, ApiClient, new_client


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, api_rate=5)


def test_a_token_has_a_limit_and_every_answer_says_what_is_left(app: Flask) -> None:
    client, other = new_client(app, "read"), new_client(app, "admin")
    left = []
    for path in ("/token", "/sources", "/stories", "/articles", "/token"):
        answer = client.send("GET", path)
        assert answer.status_code == 200
        assert answer.headers["RateLimit-Policy"] == '"token";q=5;w=60'
        left.append(answer.headers["RateLimit"].partition(";t=")[0])
    assert left == [f'"token";r={n}' for n in (4, 3, 2, 1, 0)]
    refused = client.send("GET", "/token")
    assert refused.status_code == 429
    assert refused.mimetype == "application/problem+json"
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert other.send("GET", "/token").status_code == 200


def test_another_spelling_of_the_header_has_no_limit_of_its_own(app: Flask) -> None:
    client = new_client(app, "read")
    spellings = [
        f"{word} {client.token}" for word in ("Bearer", "bearer", "BEARER", "Bearer ", "bEarer", "beareR")
    ]
    statuses = [client.send("GET", "/token", Authorization=spelling).status_code for spelling in spellings]
    assert statuses == [200] * 5 + [429]


@pytest.mark.parametrize("rate", [20, 60])
def test_no_other_limit_is_shown_as_that_of_the_token(app: Flask, settings: Settings, rate: int) -> None:
    app = create_app(replace(settings, api_rate=rate))
    client = new_client(app, "read")
    assert client.send("GET", "/token").headers["RateLimit"].startswith(f'"token";r={rate - 1};')
    assert "RateLimit" not in client.send("POST", "/sign-ups", {}).headers


def test_a_network_may_try_tokens_only_so_often(app: Flask) -> None:
    statuses = [
        ApiClient(app.test_client(), f"dateline_{n}").send("GET", "/token").status_code for n in range(61)
    ]
    assert statuses == [401] * 60 + [429]
    other_network = {"REMOTE_ADDR": "198.51.100.1"}
    answer = app.test_client().get("/api/v1/token", base_url=BASE, environ_base=other_network)
    assert answer.status_code == 401

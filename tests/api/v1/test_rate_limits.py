"""How often a token may be used, and how often somebody may try one."""

from dataclasses import replace

import pytest
from flask import Flask

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


def test_a_network_may_try_tokens_only_so_often(app: Flask) -> None:
    statuses = [
        ApiClient(app.test_client(), f"dateline_{n}").send("GET", "/token").status_code for n in range(61)
    ]
    assert statuses == [401] * 60 + [429]
    other_network = {"REMOTE_ADDR": "198.51.100.1"}
    answer = app.test_client().get("/api/v1/token", base_url=BASE, environ_base=other_network)
    assert answer.status_code == 401

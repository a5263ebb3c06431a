"""Requests with an Idempotency-Key: repeated at once, in parallel, after a failure, and with other content."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask

from digest.accounts import api_tokens
from digest.accounts.audit import Actor
from digest.accounts.store import api_tokens as tokens
from digest.accounts.store import repeatable_requests as store
from digest.database import Database
from digest.editions.store import editions
from digest.parts import Parts
from tests.api.v1.conftest import ApiClient, new_client
from tests.conftest import NOON, StoppedClock

DRAFT = {"audience": {"kind": "everyone"}}


def count_editions(parts: Parts) -> int:
    with parts.db.read() as tx:
        return editions.listing(tx)[1]


def test_a_repetition_gets_the_first_answer_and_does_nothing(api: ApiClient, parts: Parts) -> None:
    first = api.send("POST", "/editions", DRAFT, Idempotency_Key="k1")
    again = api.send("POST", "/editions", DRAFT, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Location"] == first.headers["Location"] == "/api/v1/editions/1"
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert count_editions(parts) == 1
    assert api.call("POST", "/editions", DRAFT, status=201, Idempotency_Key="k2")["id"] == 2


def test_parallel_repetitions_create_one_edition(app: Flask, parts: Parts) -> None:
    clients = [new_client(app, "editorial")]
    clients += [ApiClient(app.test_client(), clients[0].token) for _ in range(7)]
    with ThreadPoolExecutor(8) as pool:
        sent = [
            pool.submit(client.send, "POST", "/editions", DRAFT, Idempotency_Key="same") for client in clients
        ]
        statuses = sorted(each.result().status_code for each in sent)
    assert set(statuses) <= {201, 409}
    assert statuses[0] == 201
    assert count_editions(parts) == 1
    assert clients[0].call("POST", "/editions", DRAFT, status=201, Idempotency_Key="same")["id"] == 1


def test_a_key_of_another_request_or_of_another_token(api: ApiClient, app: Flask, parts: Parts) -> None:
    api.call("POST", "/editions", DRAFT, status=201, Idempotency_Key="k1")
    problem = api.call("POST", "/editions", DRAFT | {"note": "x"}, status=422, Idempotency_Key="k1")
    assert "was used with another request" in problem["detail"]
    other = new_client(app, "editorial")
    assert other.call("POST", "/editions", DRAFT, status=201, Idempotency_Key="k1")["id"] == 2
    assert count_editions(parts) == 2


def test_a_request_that_failed_can_be_repeated_with_its_key(api: ApiClient) -> None:
    wrong = {"audience": {"kind": "regions", "regions": ["atlantis"]}}
    assert "atlantis" in api.call("POST", "/editions", wrong, status=422, Idempotency_Key="k1")["detail"]
    api.call("POST", "/editions", DRAFT, status=201, Idempotency_Key="k1")


def test_a_key_is_forgotten_after_a_day(api: ApiClient, clock: StoppedClock) -> None:
    body = {"email": "ann@example.org", "regions": ["kz"]}
    replayed = []
    for hours in (0, 23.9, 0.2):
        clock.advance(hours=hours)
        answer = api.send("POST", "/subscribers", body, Idempotency_Key="k")
        assert answer.status_code == 202
        replayed.append("Idempotency-Replayed" in answer.headers)
    assert replayed == [False, True, False]


@pytest.mark.parametrize("key", ["", "x" * 201, "tab\tinside"])
def test_a_key_that_can_not_be_used_is_refused(api: ApiClient, key: str) -> None:
    assert (
        "1 to 200 printable"
        in api.call("POST", "/editions", DRAFT, status=400, Idempotency_Key=key)["detail"]
    )


def test_no_stored_answer_has_an_address(api: ApiClient, parts: Parts) -> None:
    body = {"email": "ann@example.org", "regions": ["kz"]}
    proof = {"consent": {"wording": "I want the digest.", "at": "2026-01-01T00:00:00Z"}}
    api.call("POST", "/subscribers", body, status=202, Idempotency_Key="a")
    api.call("POST", "/subscribers", body | proof, status=201, Idempotency_Key="b")
    with parts.db.read() as tx:
        rows = [store.find(tx, 1, key) for key in "ab"]
    assert [row.status for row in rows if row] == [202, 201]
    assert not any("@" in row.body + row.location for row in rows if row)


def test_a_request_that_was_cut_off_is_processed_again_once(db: Database) -> None:
    api_tokens.create(db, "x", ["read"], actor=Actor("ann"), now=NOON)
    later = NOON + timedelta(minutes=3)
    with db.begin() as tx:
        (token,) = tokens.list_tokens(tx)
        assert store.add(tx, token.id, "k", "hash", NOON)
        assert not store.add(tx, token.id, "k", "hash", NOON)
    with db.begin() as tx:
        row = store.find(tx, token.id, "k")
        assert row
        tx.expunge(row)
        assert store.take_over(tx, row, later)
        assert not store.take_over(tx, row, later)
        store.finish(tx, token.id, "k", status=201, location="/x", body="{}")
    with db.begin() as tx:
        store.remove_old(tx, later)
        assert store.find(tx, token.id, "k")
        store.remove_old(tx, later + timedelta(seconds=1))
        assert store.find(tx, token.id, "k") is None

"""Who may use which operation: every operation with the least scope that opens it, and with all that do not."""

import re

import pytest
from flask import Flask

from digest.accounts import api_tokens
from digest.accounts.audit import Actor
from digest.accounts.states import SCOPES_INCLUDED, Scope
from digest.api.v1.operations import OPERATIONS, Operation
from digest.parts import Parts
from digest.route_access import ACCESS
from tests.api.v1.conftest import BASE, ApiClient, new_client, newest_entry
from tests.web.browser_session import sign_in_as


def guarded() -> list[str]:
    """The endpoints of all operations that need a token; importing the application declares them."""
    return sorted(endpoint for endpoint in OPERATIONS if ACCESS[endpoint].scope)


def path_of(found: Operation) -> str:
    """An address of an operation, about a thing that does not exist."""
    path = re.sub(r"<any\((\w+)[^>]*>", r"\1", found.path)
    return re.sub(r"<[^>]+>", "x", re.sub(r"<int:[^>]+>", "999999", path))


def test_every_operation_opens_to_its_scope_and_to_those_that_include_it(app: Flask) -> None:
    clients = {scope: new_client(app, scope) for scope in Scope}
    tried = 0
    for endpoint in guarded():
        needed, found = ACCESS[endpoint].scope, OPERATIONS[endpoint]
        for scope, client in clients.items():
            answer = client.send(found.method, path_of(found), {} if found.method != "GET" else None)
            is_open = needed in SCOPES_INCLUDED[scope]
            assert (answer.status_code != 403) == is_open, f"{endpoint} with {scope}: {answer.text}"
            assert answer.status_code != 401
            if not is_open:
                assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]
            tried += 1
    assert tried == 5 * len(guarded()) > 200


def test_no_operation_opens_without_a_token(app: Flask) -> None:
    admin = sign_in_as(app, "admin").client  # the session of an admin is not a token
    for endpoint in guarded():
        found = OPERATIONS[endpoint]
        # Each operation from another network, because one network may fail only so often.
        network = {"REMOTE_ADDR": f"192.0.2.{guarded().index(endpoint)}"}
        for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}, {"X-Token": "x"}):
            answer = admin.open(
                f"/api/v1{path_of(found)}",
                method=found.method,
                base_url=BASE,
                headers=headers,
                environ_base=network,
            )
            assert answer.status_code == 401, endpoint
            assert answer.mimetype == "application/problem+json"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert "Set-Cookie" not in answer.headers


def test_a_token_that_works_no_more_says_why_and_what_to_do(app: Flask, parts: Parts) -> None:
    client = new_client(app, "read")
    assert client.call("GET", "/token")["name"] == "read"
    api_tokens.revoke(parts.db, "read", actor=Actor("ann@example.org"), now=parts.clock())
    assert "was revoked. Make a new one." in client.call("GET", "/token", status=401)["detail"]
    client.token = "dateline_guessed"
    assert "is unknown" in client.call("GET", "/token", status=401)["detail"]


def test_a_token_of_another_network_is_refused(app: Flask) -> None:
    client = new_client(app, "read", networks=["192.0.2.0/24"])
    assert "it works from 192.0.2.0/24" in client.call("GET", "/token", status=403)["detail"]


def test_what_lacks_a_scope_is_a_security_event(app: Flask, parts: Parts) -> None:
    new_client(app, "read").call("DELETE", "/subscribers/1", status=403)
    entry = newest_entry(parts)
    assert (entry.event, entry.account, entry.face) == ("access.denied", "token read", "api")
    assert entry.target == "DELETE /api/v1/subscribers/1"


def test_no_answer_sets_a_cookie_and_none_is_read(api: ApiClient) -> None:
    api.client.set_cookie("__Host-dateline", "x", domain="news.example.org", secure=True)
    answer = api.send("GET", "/token")
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/brand-new", "/sources/1/brand-new"])
def test_an_operation_without_a_declaration_is_refused(app: Flask, path: str) -> None:
    client = new_client(app, "admin")
    app.add_url_rule(f"/api/v1{path}", "v1.brand_new", lambda: "secret")
    answer = client.send("GET", path)
    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_errors_of_addresses_that_do_not_exist_are_problem_details(api: ApiClient) -> None:
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("PUT", "/sources", 405),
        ("GET", "/sources/x", 404),
    ):
        answer = api.send(method, path)
        assert answer.status_code == status
        assert answer.mimetype == "application/problem+json"
        assert answer.json
        assert answer.json["status"] == status

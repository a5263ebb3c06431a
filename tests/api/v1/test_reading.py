"""How requests are read: unknown names, wrong types and hostile bodies are refused with the place and the mend."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.v1.conftest import BASE, ApiClient


def post_raw(api: ApiClient, body: bytes, mimetype: str = "application/json") -> Any:
    headers = {"Authorization": f"Bearer {api.token}"}
    return api.client.post(
        "/api/v1/suppressions", data=body, headers=headers, base_url=BASE, content_type=mimetype
    )


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "The body is not JSON"),
        (b"{", 400, "The body is not JSON"),
        (b'{"email": NaN}', 400, "NaN is no JSON"),
        (b"\xff", 400, "The body is not JSON"),
        (b"[" * 100_000, 400, "The body is not JSON"),
        (b"[" * 30 + b"]" * 30, 400, "nested deeper than 20"),
        (rb'{"email": "\u0000"}', 400, "no text"),
        (rb'{"email": "\ud800"}', 400, "no text"),
        (rb'{"\u0000": 1}', 400, "no text"),
        (b"[]", 422, "should be an object"),
        (b"null", 422, "should be an object"),
        (b"{}", 422, "Field required"),
        (b'{"email": 1}', 422, "valid string (it is 1)"),
        (b'{"email": "ann@example.org", "detail": false}', 422, "it is false"),
        (b'{"email": "ann@example.org", "extra": 1}', 422, "Extra inputs"),
        (b'{"email": "ann"}', 422, "it has no @"),
        (b'{"email": "' + b"x" * 3_000_000 + b'"}', 413, "2 MB"),
    ],
)
def test_a_body_that_can_not_be_used_is_refused_in_words(
    api: ApiClient, body: bytes, status: int, words: str
) -> None:
    answer = post_raw(api, body)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert words in answer.text


@pytest.mark.parametrize("change", [{"weekday": False}, {"weekday": "1"}, {"show_why": 1}, {"regions": "kz"}])
def test_no_value_is_converted_to_another_type(api: ApiClient, change: dict[str, Any]) -> None:
    body = {"email": "ann@example.org", "regions": ["kz"], "weekday": 1} | change
    answer = api.send("POST", "/subscribers", body)
    assert answer.status_code == 422
    assert answer.json
    assert [error["at"] for error in answer.json["errors"]] == [f"/{name}" for name in change]


def test_a_method_that_an_address_does_not_take_is_refused_with_those_it_takes(api: ApiClient) -> None:
    answer = api.send("DELETE", "/articles")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.json
    assert answer.json["detail"] == "This address takes GET, HEAD, OPTIONS."
    for method in ("GET", "DELETE", "PATCH"):  # an id that no row can have
        assert api.send(method, "/sources/2147483648").status_code == 404


def test_only_json_is_read(api: ApiClient) -> None:
    for mimetype in ("application/x-www-form-urlencoded", "text/plain", ""):
        answer = post_raw(api, b'{"email": "ann@example.org"}', mimetype)
        assert answer.status_code == 415
        assert "Content-Type: application/json" in answer.json["detail"]


def wrong_queries() -> Iterator[tuple[str, str, str]]:
    yield "/subscribers?limit=0", "?limit", "greater than or equal to 1"
    yield "/subscribers?limit=201", "?limit", "less than or equal to 200"
    yield "/subscribers?limit=x", "?limit", "valid integer"
    yield "/subscribers?limit=1&limit=2", "?limit", "valid integer"
    yield "/subscribers?page=2", "?page", "Extra inputs"
    yield "/subscribers?state=gone", "?state", "'pending', 'active'"
    yield "/subscribers?email=ann", "?email", "no @"
    yield "/subscribers?cursor=x", "?cursor", "not `next` of an earlier page"
    yield "/subscribers?cursor=MTp4", "?cursor", "of another list"
    yield "/subscribers?fields=email,password", "?fields", 'no field "password"'
    yield "/subscribers/1?x=1", "?x", "no such parameter"


@pytest.mark.parametrize(("path", "place", "words"), list(wrong_queries()))
def test_a_wrong_parameter_is_named(api: ApiClient, path: str, place: str, words: str) -> None:
    problem = api.call("GET", path, status=422)
    assert problem["type"] == "/api/v1/#invalid-values"
    assert problem["errors"][0]["at"] == place
    assert words in problem["errors"][0]["detail"]


def test_wrong_fields_of_a_subscription_are_all_named(api: ApiClient) -> None:
    body = {"email": "ann@example.org", "regions": ["atlantis"], "time": "25:00", "zone": "Mars/Olympus"}
    problem = api.call("POST", "/subscribers", body, status=422)
    assert {error["at"] for error in problem["errors"]} == {"/regions", "/time", "/zone"}

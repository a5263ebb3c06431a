"""The contract: OpenAPI, routes, scopes and the document say the same."""

import json
import re
from typing import Any

import pytest
from flask import Flask

from digest.api.v1.operations import OPERATIONS
from digest.problem_details import PROBLEM_NAMES
from digest.route_access import ACCESS
from tests.api.v1.conftest import BASE, ApiClient
from tests.api.v1.test_access import path_of
from tools.api_table import DOCUMENT, TABLE_END, TABLE_START, table

NO_OPERATIONS = {"v1.openapi", "v1.reference"}  # they describe the operations


@pytest.fixture
def spec(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] | None = app.test_client().get("/api/v1/openapi.json", base_url=BASE).json
    assert found
    return found


def described_operations(spec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each described operation by its endpoint, with method and path."""
    return {
        f"v1.{described['operationId']}": described | {"method": method.upper(), "path": path}
        for path, methods in spec["paths"].items()
        for method, described in methods.items()
    }


def test_the_description_has_just_the_routes(app: Flask, spec: dict[str, Any]) -> None:
    routes = {rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("v1.")}
    assert set(described_operations(spec)) == routes - NO_OPERATIONS == set(OPERATIONS)
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPERATIONS:
            described = described_operations(spec)[rule.endpoint]
            assert described["path"] == re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"{\1}", rule.rule)
            assert described["method"] in (rule.methods or ())


def test_the_description_says_the_scope_that_the_declarations_ask_for(spec: dict[str, Any]) -> None:
    for endpoint, described in described_operations(spec).items():
        scope = ACCESS[endpoint].scope
        assert described.get("security") == ([{"token": [scope]}] if scope else None), endpoint
        assert {"401", "403"} <= described["responses"].keys() or scope is None


def test_the_document_lists_every_operation_with_its_scope(app: Flask) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    shown = text.partition(TABLE_START)[2].partition(TABLE_END)[0]
    with app.app_context():
        assert shown.strip() == table().strip(), "run: python -m tools.api_table"
    assert [name for name in PROBLEM_NAMES.values() if f"`{name}`" not in text] == []


def test_the_description_is_valid_openapi(spec: dict[str, Any]) -> None:
    # Imported here, because all processes of the other tests would load it too.
    from openapi_spec_validator import OpenAPIV31SpecValidator

    assert spec["openapi"].startswith("3.1")
    assert list(OpenAPIV31SpecValidator(spec).iter_errors()) == []
    assert re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec))
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(spec)):
        assert name in spec["components"]["schemas"]


def test_every_operation_says_what_it_does_and_every_answer_is_described(spec: dict[str, Any]) -> None:
    for endpoint, described in described_operations(spec).items():
        assert described["summary"], endpoint
        assert described["tags"], endpoint
        assert {str(status) for status in OPERATIONS[endpoint].statuses} <= described["responses"].keys()
        for status, response in described["responses"].items():
            is_problem = int(status) >= 400
            assert ("application/problem+json" in response.get("content", {})) == is_problem, endpoint
    for name, schema in spec["components"]["schemas"].items():
        assert schema.get("description"), name


def test_every_operation_answers_as_described_about_what_does_not_exist(
    api: ApiClient, spec: dict[str, Any]
) -> None:
    for endpoint, found in OPERATIONS.items():
        answer = api.send(
            found.method, path_of(found), {} if found.method in ("POST", "PUT", "PATCH") else None
        )
        described = described_operations(spec)[endpoint]["responses"]
        assert str(answer.status_code) in described, f"{endpoint}: {answer.status_code}"


def test_the_page_for_people_shows_every_operation_under_the_usual_policy(
    app: Flask, spec: dict[str, Any]
) -> None:
    answer = app.test_client().get("/api/v1/", base_url=BASE)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?! src)|<style|\sstyle=|\son\w+=", answer.text)
    for endpoint in described_operations(spec):
        assert f'id="{endpoint.removeprefix("v1.")}"' in answer.text
    assert re.findall(r'href="#([\w-]+)"', answer.text)
    for target in re.findall(r'href="#([\w-]+)"', answer.text):
        assert f'id="{target}"' in answer.text, target

"""Programs that use the API, each with a token of one scope."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from digest.accounts import api_tokens
from digest.accounts.audit import Actor
from digest.accounts.models import AuditEntry
from digest.accounts.states import Scope
from digest.accounts.store import audit
from digest.parts import EXTENSION_KEY, Parts

BASE = "https://news.example.org"


@dataclass
class ApiClient:
    """A program with a token. Its requests are JSON, and `call` also checks the status."""

    client: FlaskClient
    token: str
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Send a request; `If_Match="…"` is the header If-Match."""
        sent = {"Authorization": f"Bearer {self.token}"} | self.headers
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = {} if body is None else {"json": body}
        return self.client.open(
            f"/api/v1{path}",
            method=method,
            base_url=BASE,
            headers=sent,
            **content,
        )

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200, **headers: str) -> Any:
        """Send a request and return the JSON of the answer. Fails unless it has this status."""
        answer = self.send(method, path, body, **headers)
        assert answer.status_code == status, f"{answer.status_code}: {answer.text}"
        return answer.json if answer.data else None

    def pages(self, path: str) -> list[list[Any]]:
        """The rows of all pages of a list."""
        found, cursor = [], ""
        while cursor is not None:
            page = self.call(
                "GET", f"{path}{'&' if '?' in path else '?'}" + (f"cursor={cursor}" if cursor else "")
            )
            found.append(page["data"])
            cursor = page["next"]
        return found


MakeClient = Callable[..., ApiClient]


def new_client(app: Flask, scope: str, name: str = "", **limits: Any) -> ApiClient:
    """A program whose new token has this scope."""
    parts: Parts = app.extensions[EXTENSION_KEY]
    secret = api_tokens.create(
        parts.db, name or scope, [scope], actor=Actor("ann@example.org"), now=parts.clock(), **limits
    )
    return ApiClient(app.test_client(), secret)


@pytest.fixture
def api(app: Flask) -> ApiClient:
    """A program that may do everything."""
    return new_client(app, Scope.ADMIN)


@pytest.fixture
def reader(app: Flask) -> ApiClient:
    return new_client(app, Scope.READ)


def newest_entry(parts: Parts) -> AuditEntry:
    """The newest entry of the audit trail."""
    with parts.db.read() as tx:
        entries, _total = audit.audit_trail(tx)
    return entries[0]

"""Who may open what: every route × role × method, and no route without a declaration."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from digest.account_settings import ROLE_NAMES
from digest.accounts.states import Role
from digest.admin import sessions
from digest.parts import Parts
from digest.route_access import ACCESS, PUBLIC, Access, build_access
from digest.settings import Settings
from tests.web.browser_session import sign_in_as
from tools.route_table import DOCUMENT, TABLE_END, TABLE_START, table

BASE = "https://news.example.org"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
STRANGER = "nobody"
ENDING_ENDPOINTS = ("admin.sign_out",)  # ends the session that the next request needs: tried last


def path_of(rule: Rule) -> str:
    """An address of a route: `<any(a, b):x>` becomes a, numbers a large one that no row has, the rest x."""
    path = re.sub(r"<any\(\W*(\w+)[^>]*>", r"\1", re.sub(r"<int:[^>]+>", "999999", rule.rule))
    path = re.sub(r"<day:[^>]+>", "2026-03-10", path)
    return re.sub(r"<[^>]+>", "x", path)


def is_sent_to_sign_in(answer: TestResponse) -> bool:
    return answer.status_code == 302 and answer.location.startswith("/admin/sign-in?next=")


@pytest.fixture
def clients(app: Flask) -> dict[str, FlaskClient]:
    """A browser of each role, and one that is not signed in. Forms need no CSRF token."""
    signed_in: dict[str, FlaskClient] = {role.value: sign_in_as(app, role.value).client for role in Role}
    app.config["WTF_CSRF_ENABLED"] = False
    return {STRANGER: app.test_client(), **signed_in}


def check_answer(answer: TestResponse, access: Access, role: str, what: str) -> None:
    """Fail unless the answer is right for this role."""
    if access.scope is not None:  # tests/api/v1/test_access.py tries it with tokens
        assert answer.status_code == 401, what
    elif access.role is None:
        assert answer.status_code not in (401, 403), what
    elif role == STRANGER:
        assert is_sent_to_sign_in(answer) or answer.status_code == 401, what
    elif not Role(role).includes(access.role):
        assert answer.status_code == 403, what
    else:
        assert answer.status_code not in (401, 403), what
        assert not is_sent_to_sign_in(answer), what


def test_every_route_opens_to_its_roles_and_to_nobody_else(
    app: Flask, clients: dict[str, FlaskClient]
) -> None:
    tried = 0
    rules = sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint in ENDING_ENDPOINTS)
    for rule in rules:
        access, path = ACCESS[rule.endpoint], path_of(rule)
        for method in sorted((rule.methods or set()) & set(METHODS)):
            for role, client in clients.items():
                # From another network each time, because one may fail only so often.
                network = {"REMOTE_ADDR": f"198.18.{tried // 256}.{tried % 256}"} if access.scope else {}
                headers = {"Referer": BASE + "/admin/"}
                answer = client.open(
                    path, method=method, base_url=BASE, headers=headers, environ_base=network
                )
                check_answer(answer, access, role, f"{method} {path} as {role}: {answer.status_code}")
                tried += 1
    assert tried > 600


def test_a_proof_after_a_time_without_requests_opens_no_more_than_the_role(app: Flask, parts: Parts) -> None:
    viewer, tried = sign_in_as(app, "viewer"), 0
    app.config["WTF_CSRF_ENABLED"] = False
    for rule in app.url_map.iter_rules():
        access = ACCESS[rule.endpoint]
        if access.role is None or "POST" not in (rule.methods or ()) or Role.VIEWER.includes(access.role):
            continue
        with viewer.client.session_transaction(base_url=BASE) as session:
            session[sessions.SEEN] = (parts.clock() - timedelta(hours=2)).isoformat()
        path, proof = path_of(rule), {"proof_password": viewer.password}
        assert viewer.post_without_token(path, proof).status_code == 403, path
        assert viewer.get("/admin/").status_code == 200, "the proof was accepted"
        tried += 1
    assert tried > 40


def test_a_method_that_a_route_does_not_have_is_refused_to_everybody(
    app: Flask, clients: dict[str, FlaskClient]
) -> None:
    routes, tried = app.url_map.bind(""), 0
    for path in {path_of(rule) for rule in app.url_map.iter_rules()}:
        for method in METHODS:
            if not routes.test(path, method=method):
                answer = clients["admin"].open(path, method=method, base_url=BASE, buffered=True)
                assert answer.status_code == 405, f"{method} {path}"
                tried += 1
    assert tried > 300


def test_every_route_has_one_declaration_and_every_declaration_a_route(app: Flask) -> None:
    sample = {"sample.feed", "sample.page", "sample.article"}  # only a local site serves it
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(ACCESS) - sample
    with app.test_request_context():
        assert not sample & set(app.view_functions)
    with pytest.raises(ValueError, match="two declarations"):
        build_access([(PUBLIC, ["web.join"]), (Access(Role.ADMIN), ["web.join"])])


@pytest.mark.parametrize("path", ["/admin/brand-new", "/brand-new"])
def test_a_new_route_without_a_declaration_is_refused_to_everybody(app: Flask, path: str) -> None:
    app.add_url_rule(path, "brand_new" if path == "/brand-new" else "admin.brand_new", lambda: "secret")
    admin = sign_in_as(app, "admin")
    for client in (admin.client, app.test_client()):
        answer = client.get(path, base_url=BASE)
        assert answer.status_code == 403
        assert "secret" not in answer.text


def test_a_role_may_do_what_the_roles_below_it_may() -> None:
    assert [role.value for role in Role] == list(ROLE_NAMES)
    for lower, role in enumerate(Role):
        assert [role.includes(other) for other in Role] == [index <= lower for index in range(len(Role))]


def test_the_table_in_the_documents_is_the_one_of_the_code(app: Flask) -> None:
    shown = DOCUMENT.read_text(encoding="utf-8").partition(TABLE_START)[2].partition(TABLE_END)[0]
    shown_here = "".join(line for line in shown.splitlines(keepends=True) if "/sample/" not in line)
    assert shown_here.strip() == table(app).strip(), "run: python -m tools.route_table"


def test_a_role_that_is_taken_away_counts_at_the_next_request(app: Flask, parts: Parts) -> None:
    from digest.accounts.store import accounts

    manager = sign_in_as(app, "manager")
    assert manager.get("/admin/suppressions/lift?email=a@example.org").status_code != 403
    with parts.db.begin() as tx:
        account = accounts.find_by_email(tx, "manager@example.org")
        assert account
        account.role = Role.VIEWER
    assert manager.get("/admin/suppressions/lift?email=a@example.org").status_code == 403
    assert manager.get("/admin/suppressions").status_code == 200


def test_a_viewer_sees_no_button_that_they_may_not_use(app: Flask, settings: Settings) -> None:
    viewer = sign_in_as(app, "viewer")
    for path in ("/admin/", "/admin/sources", "/admin/editions", "/admin/subscribers", "/admin/suppressions"):
        page = viewer.get_page(path)
        for action in re.findall(r'method="post" action="([^"]+)"', page):
            assert action == "/admin/sign-out", f"{path} shows {action}"
    assert settings.base_url == BASE

"""Health checks: /healthz for the process, /readyz for the database, its schema and the broker."""

import hmac

from flask import Blueprint, Response, current_app, jsonify, request

from digest import broker_state
from digest.errors import UnavailableError
from digest.local_requests import is_local
from digest.parts import Parts, parts

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 if all checks pass; else 503.

    A sentence for each check goes only to this machine, or to whoever sends MONITORING_TOKEN as a bearer token.
    """
    found = problems()
    is_ready = not any(found.values())
    answer: dict[str, object] = {"status": "ok" if is_ready else "unavailable"}
    if _may_see_details(parts().settings.monitoring_token):
        answer["checks"] = {name: problem or "ok" for name, problem in found.items()}
    return jsonify(answer), 200 if is_ready else 503


def problems() -> dict[str, str]:
    """What is wrong with each part that the site depends on, and how to mend it; "" for nothing."""
    return {
        "database": _database_problem(parts()),
        "migrations": _migrations_problem(parts()),
        "broker": broker_state.problem(current_app.extensions["celery"]),
    }


def _may_see_details(token: str) -> bool:
    authorization = request.authorization
    given = (authorization.token or "") if authorization and authorization.type == "bearer" else ""
    has_token = bool(token) and hmac.compare_digest(given.encode(), token.encode())
    return has_token or is_local(request.remote_addr, request.host, dict(request.headers))


def _database_problem(p: Parts) -> str:
    try:
        p.db.check_writable()
    except UnavailableError as error:
        return str(error)
    return ""


def _migrations_problem(p: Parts) -> str:
    try:
        pending = p.db.pending_migrations()
    except UnavailableError as error:
        return str(error)
    return f"{', '.join(pending)} not applied; run `dateline db upgrade`" if pending else ""

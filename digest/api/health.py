"""Health checks: /healthz for the process, /readyz for the database, its schema and the broker."""

from flask import Blueprint, Response, current_app, jsonify

from digest import broker_state
from digest.errors import UnavailableError
from digest.parts import Parts, parts

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 if all checks pass; else 503, with a sentence for each check that failed."""
    problems = {
        "database": _database_problem(parts()),
        "migrations": _migrations_problem(parts()),
        "broker": broker_state.problem(current_app.extensions["celery"]),
    }
    is_ready = not any(problems.values())
    checks = {name: problem or "ok" for name, problem in problems.items()}
    return jsonify(status="ok" if is_ready else "unavailable", checks=checks), 200 if is_ready else 503


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

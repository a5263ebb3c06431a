"""Health checks: /healthz for the process, /readyz for what pages need and, in words, for all that is late."""

import hmac

from flask import Blueprint, Response, current_app, jsonify, request

from digest import broker_state
from digest.errors import UnavailableError
from digest.local_requests import is_local
from digest.monitoring.condition import load_condition
from digest.monitoring.states import ProblemLevel
from digest.parts import Parts, parts

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 if this process can answer requests: database, schema and broker work; else 503.

    What is late elsewhere makes it "late", with 200: pages work while no worker runs, and a load balancer that took
    the web processes away would only make it worse. A sentence for each check, and what is late, goes only to this
    machine, or to whoever sends MONITORING_TOKEN as a bearer token.
    """
    checks = problems()
    is_ready = not any(checks.values())
    answer: dict[str, object] = {"status": "ok" if is_ready else "unavailable"}
    p = parts()
    if may_see_details(p.settings.monitoring_token):
        answer["proxies"] = _count_proxies()
        answer["checks"] = {name: problem or "ok" for name, problem in checks.items()}
        if is_ready:
            late = load_condition(p.db, current_app.extensions["celery"], p.clock()).problems
            answer["problems"] = [problem.as_json() for problem in late]
            if any(problem.level == ProblemLevel.ERROR for problem in late):
                answer["status"] = "late"
    return jsonify(answer), 200 if is_ready else 503


def problems() -> dict[str, str]:
    """What is wrong with each part that the site depends on, and how to mend it; "" for nothing."""
    return {
        "database": _database_problem(parts()),
        "migrations": _migrations_problem(parts()),
        "broker": broker_state.problem(current_app.extensions["celery"]),
    }


def may_see_details(token: str) -> bool:
    """Whether the request comes from this machine, and through no proxy, or has MONITORING_TOKEN."""
    authorization = request.authorization
    given = (authorization.token or "") if authorization and authorization.type == "bearer" else ""
    has_token = bool(token) and hmac.compare_digest(given.encode(), token.encode())
    return has_token or is_local(request.remote_addr, request.host, dict(request.headers))


def _count_proxies() -> int:
    """How many proxies that name themselves have forwarded this request; `dateline doctor` compares it."""
    return sum(len(value.split(",")) for value in request.headers.getlist("X-Forwarded-For"))


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

"""/healthz says that the process answers; /readyz that it could do its work: database, schema, broker."""

from flask import Blueprint, Response, jsonify

from digest.errors import UnavailableError
from digest.parts import Parts, parts
from digest.tasks import broker_trouble

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """200 as long as the process lives."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """200 when all parts answer; else 503, with a sentence for each that does not."""
    checks = {"database": _database(parts()), "migrations": _migrations(parts()), "broker": broker_trouble()}
    ready = not any(checks.values())
    body = jsonify(
        status="ok" if ready else "unavailable", checks={name: why or "ok" for name, why in checks.items()}
    )
    return body, 200 if ready else 503


def _database(p: Parts) -> str:
    try:
        p.db.ping()
    except UnavailableError as error:
        return str(error)
    return ""


def _migrations(p: Parts) -> str:
    try:
        pending = p.db.pending_migrations()
    except UnavailableError as error:
        return str(error)
    return f"{', '.join(pending)} not applied; run `dateline db upgrade`" if pending else ""

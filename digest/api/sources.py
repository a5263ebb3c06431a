"""The status of the sources as JSON, for accounts that are signed in to the newsroom."""

from flask import Blueprint, Response, jsonify, request

from digest.articles import source_status
from digest.parts import parts

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/sources")
def sources() -> Response:
    """The sources, the worst first. ?condition=trouble (or failing, held, silent …) and ?q= filter them."""
    p = parts()
    with p.db.read() as tx:
        all_statuses = source_status.list_statuses(tx, p.clock())
    statuses = source_status.filter_statuses(
        all_statuses, text=request.args.get("q", ""), condition=request.args.get("condition", "")
    )
    response = jsonify(total=len(statuses), sources=[status.as_json() for status in statuses])
    response.headers["Cache-Control"] = "no-store"
    return response

"""How the sources do, as JSON, for those who are signed in to the newsroom."""

from flask import Blueprint, Response, g, jsonify, request
from flask_login import current_user

from digest.articles import source_status
from digest.parts import parts

bp = Blueprint("api", __name__, url_prefix="/api")


@bp.get("/sources")
def sources() -> Response | tuple[Response, int]:
    """All sources, the worst first; ?condition=trouble (or failing, held, silent …) and ?q= choose among them."""
    if not current_user.is_authenticated or current_user.one_time:
        if "accounts_unavailable" in g:  # then nobody knows who asks
            raise g.accounts_unavailable
        return jsonify(error="sign in at /admin/sign-in first, and choose a password of your own"), 401
    p = parts()
    with p.db.read() as tx:
        found = source_status.standings(tx, p.reader.clock())
    asked = request.args
    chosen = source_status.fitting(found, words=asked.get("q", ""), condition=asked.get("condition", ""))
    answer = jsonify(total=len(chosen), sources=[one.as_json() for one in chosen])
    answer.headers["Cache-Control"] = "no-store"
    return answer

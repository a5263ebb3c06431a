"""What the form's list narrows to while one types: the same search as the form's own "Find" button."""

from flask import Response, jsonify, request

from digest.parts import parts
from digest.regions.tree.outline import FOUND
from digest.web.blueprint import bp
from digest.web.layout import language


@bp.get("/regions/search")
def search_regions() -> Response:
    """The slugs of what a search finds, best first."""
    found = parts().tree.search(request.args.get("q", ""), language())[:FOUND]
    return jsonify(slugs=[region.slug for region in found])

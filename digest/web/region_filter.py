"""Finds matching regions while somebody types, by the same search as the "Search" button of the form."""

from flask import Response, jsonify, request

from digest.parts import parts
from digest.regions.tree.outline import MAX_SEARCH_RESULTS
from digest.web.blueprint import bp
from digest.web.layout import page_language


@bp.get("/regions/search")
def search_regions() -> Response:
    """The slugs of the matching regions as JSON, best match first."""
    found = parts().tree.search(request.args.get("q", ""), page_language())[:MAX_SEARCH_RESULTS]
    return jsonify(slugs=[region.slug for region in found])

"""The map of the world: to choose regions on the form, and to open the pages of the archive."""

from collections import Counter
from datetime import timedelta

from flask import Response, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from digest.parts import parts
from digest.regions.tree.world_outlines import WORLD, map_countries, map_views, world_map
from digest.web.archive import require_archive
from digest.web.blueprint import bp
from digest.web.layout import chosen_language, page_language
from digest.web.page_cache import kept_page
from digest.web.region_news import newest_stories

MAX_AGE = 300  # seconds; the news on the map may be that old
OUTLINES_MAX_AGE = 86_400
NEWS_OF = timedelta(days=1)
MAX_STORIES = 1_000


@bp.get("/regions/map")
def map_page() -> BaseResponse:
    """The map with links to the countries' pages; those with news of the last day stand out."""
    require_archive()
    asked, chosen = request.args.get("view", ""), chosen_language()
    view = asked if asked in world_map()["views"] else WORLD
    key = ("map", view, page_language(), bool(chosen))
    return kept_page(key, lambda: _render_page(view), max_age=MAX_AGE, by_language=not chosen)


@bp.get("/regions/map.svg")
def map_svg() -> BaseResponse:
    """The map to choose on, for map.js, with the names in the language of the page."""

    def draw() -> Response:
        svg = render_template(
            "web/map.svg", countries=map_countries(parts().tree, page_language()), map=world_map()
        )
        return Response(svg, content_type="image/svg+xml; charset=utf-8")

    key = ("map.svg", page_language())
    return kept_page(key, draw, max_age=OUTLINES_MAX_AGE, by_language=not chosen_language())


def _render_page(view: str) -> str:
    p, language = parts().refresh_regions(), page_language()
    since = p.clock() - NEWS_OF
    with p.db.read() as tx:
        shown = newest_stories(tx, p, [p.tree.get(WORLD)], since=since, limit=MAX_STORIES)
    counts = Counter(code for story in shown for code in story.countries)
    return render_template(
        "web/map.html",
        countries=map_countries(p.tree, language, counts),
        views=map_views(p.tree, language),
        view=view,
        view_box=world_map()["views"][view],
    )

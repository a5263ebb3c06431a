"""What search engines read first: robots.txt and the sitemap."""

from datetime import UTC, timedelta
from typing import Any

from flask import Response, render_template
from werkzeug.wrappers import Response as BaseResponse

from digest.parts import parts
from digest.web.archive import first_day, is_archive_open
from digest.web.blueprint import bp
from digest.web.page_cache import kept_page
from digest.web.public_addresses import absolute_url

DAYS_LISTED = 14  # of regions of several countries, today included
# Pages of single people, and pages for editors.
PRIVATE = (
    "/preferences/",
    "/confirm/",
    "/unsubscribe/",
    "/change/",
    "/address/",
    "/read/",
    "/s/",
    "/outbox",
    "/admin/",
    "/api/",
    "/sent",
)


@bp.get("/robots.txt")
def robots() -> Response:
    """Which pages are for search engines."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in PRIVATE)]
    lines += ["", f"Sitemap: {absolute_url('web.sitemap')}", ""]
    response = Response("\n".join(lines), mimetype="text/plain")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@bp.get("/sitemap.xml")
def sitemap() -> BaseResponse:
    """The public pages: the form, the feeds, and the regions with their last days."""
    return kept_page("sitemap", _render_sitemap, max_age=3600)


def _render_sitemap() -> Response:
    p = parts().refresh_regions()
    pages: list[tuple[str, dict[str, Any]]] = [("web.join", {}), ("web.feeds", {})]
    if is_archive_open():
        today = p.clock().astimezone(UTC).date()
        age_of_first = (today - first_day()).days
        regions = [region for region in p.tree.all() if not region.retired]
        pages += [("web.region", {"slug": region.slug}) for region in regions]
        pages += [
            ("web.region_day", {"slug": region.slug, "day": today - timedelta(days=age)})
            for region in regions
            if region.kind != "country"
            for age in range(1, min(DAYS_LISTED, age_of_first + 1))
        ]
    body = render_template("web/sitemap.xml", pages=pages, absolute_url=absolute_url)
    return Response(body, content_type="application/xml; charset=utf-8")

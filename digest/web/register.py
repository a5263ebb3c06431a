"""Registers the public pages with the application."""

from flask import Flask
from werkzeug.routing import BaseConverter

from digest.subscribers.pure.links import find_token
from digest.web import (
    archive,
    confirm,
    embed,
    error_pages,
    feeds,
    layout,
    look_files,
    offers,
    opened_story,
    outbox,
    own_data,
    page_cache,
    preferences,
    region_filter,
    sample_digest,
    search_engines,
    security_headers,
    static_files,
    subscribe,
    unsubscribe,
    web_edition,
    world_map,
)
from digest.web.blueprint import bp

# Importing these modules adds their routes to `bp`.
VIEW_MODULES = (
    archive,
    confirm,
    embed,
    feeds,
    look_files,
    subscribe,
    unsubscribe,
    offers,
    opened_story,
    outbox,
    own_data,
    preferences,
    web_edition,
    region_filter,
    sample_digest,
    search_engines,
    world_map,
)

# Mail providers post without cookies (RFC 8058, section 3.2), so they have no session for a CSRF token.
# Instead, a signed token in the address authorises an unsubscription, and a signature or a login authorises a webhook.
# The sign-up form is one page for everybody, so it has no token of a session: `same_site` refuses other sites' forms.
CSRF_EXEMPT = ("web.unsubscribe_post", "web.join_post", "web.embed_post", "web.sample", "webhooks.receive")
# Pages that are answered from memory (`page_cache`), so nothing is queried before them.
KEPT_PAGES = (
    "web.join",
    "web.feed",
    "web.mixed_feed",
    "web.feeds",
    "web.region_day",
    "web.region_card",
    "web.sitemap",
    "web.robots",
    "web.map_page",
    "web.map_svg",
    "web.read",
    "web.look_logo",
    "web.look_styles",
)
# Pages that show no region, before which nothing is queried either.
WITHOUT_REGIONS = (*KEPT_PAGES, "web.open_story")


class LinkConverter(BaseConverter):
    """`<link:token>`: the token of a link in a mail, whatever a mail program or a person put behind it, slashes too.

    So a full stop or a bracket at the end of a copied link keeps nobody from unsubscribing.
    """

    regex = "(?s:.+)"
    part_isolating = False
    weight = 200  # as werkzeug's own `path`: after `/preferences/<token>/erase`

    def to_python(self, value: str) -> str:
        return find_token(value)


def register(app: Flask) -> None:
    """Add the blueprint, the layout, the security headers and the error pages."""
    app.url_map.converters["link"] = LinkConverter
    app.url_map.converters["day"] = archive.DayConverter
    app.register_blueprint(bp)
    layout.register(app)
    page_cache.register(app)
    static_files.register(app)
    opened_story.register(app)
    security_headers.register(app)
    error_pages.register(app)

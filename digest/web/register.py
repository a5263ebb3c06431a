"""Registers the public pages with the application."""

from flask import Flask
from werkzeug.routing import BaseConverter

from digest.subscribers.pure.links import find_token
from digest.web import (
    confirm,
    error_pages,
    feeds,
    layout,
    outbox,
    preferences,
    region_filter,
    security_headers,
    subscribe,
    unsubscribe,
    web_edition,
)
from digest.web.blueprint import bp

# Importing these modules adds their routes to `bp`.
VIEW_MODULES = (
    confirm,
    feeds,
    subscribe,
    unsubscribe,
    outbox,
    preferences,
    web_edition,
    region_filter,
)

# Mail providers post without cookies (RFC 8058, section 3.2), so they have no session for a CSRF token.
# Instead, a signed token in the address authorises an unsubscription, and a signature or a login authorises a webhook.
CSRF_EXEMPT = ("web.unsubscribe_post", "webhooks.receive")


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
    app.register_blueprint(bp)
    layout.register(app)
    security_headers.register(app)
    error_pages.register(app)

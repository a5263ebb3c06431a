"""Registers the public pages with the application."""

from flask import Flask

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


def register(app: Flask) -> None:
    """Add the blueprint, the layout, the security headers and the error pages."""
    app.register_blueprint(bp)
    layout.register(app)
    security_headers.register(app)
    error_pages.register(app)

"""Brings the readers' pages into the application."""

from flask import Flask

from digest.web import (
    confirm,
    feeds,
    layout,
    outbox,
    preferences,
    region_filter,
    subscribe,
    unsubscribe,
    web_edition,
)
from digest.web.blueprint import bp

SCREENS = (
    confirm,
    feeds,
    subscribe,
    unsubscribe,
    outbox,
    preferences,
    web_edition,
    region_filter,
)  # importing them adds their routes to `bp`

# RFC 8058, section 3.2: a mail provider posts without cookies, so there is no session that a CSRF token could be in.
# The signed token in the address is what allows it.
# A provider's webhook is signed as a whole.
CSRF_EXEMPT = ("web.unsubscribe_post", "webhooks.receive")


def register(app: Flask) -> None:
    """Add the blueprint, what all pages share, and the pages for errors."""
    app.register_blueprint(bp)
    layout.register(app)

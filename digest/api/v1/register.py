"""Registers the API with the application."""

from flask import Flask

from digest.api.v1 import (
    access,
    articles,
    edition_changes,
    editions,
    exclusions,
    feedback,
    groups,
    new_subscribers,
    openapi,
    problems,
    regions,
    sign_ups,
    site,
    sources,
    subscribers,
)
from digest.api.v1.blueprint import bp

# Importing these modules adds their operations, checks and handlers to `bp`.
MODULES = (
    access,
    articles,
    edition_changes,
    editions,
    exclusions,
    feedback,
    groups,
    new_subscribers,
    openapi,
    problems,
    regions,
    sign_ups,
    site,
    sources,
    subscribers,
)


def register(app: Flask) -> None:
    """Add the blueprint. It needs no CSRF tokens: a token in a header, and no cookie, says who sends a request."""
    app.register_blueprint(bp)
    app.extensions["csrf"].exempt(bp)

"""Brings the editors' pages into the application."""

from flask import Flask

from digest.admin import (
    accounts,
    articles,
    audit,
    compose,
    desk,
    editions,
    feedback,
    guards,
    overview,
    preview,
    problems,
    regions,
    showing,
    signing_in,
    sources,
    stories,
    subscribers,
    suppressions,
    trying,
)
from digest.admin.blueprint import bp

SCREENS = (  # importing them adds their routes to `bp`
    accounts,
    articles,
    audit,
    compose,
    desk,
    editions,
    feedback,
    overview,
    preview,
    problems,
    regions,
    signing_in,
    sources,
    stories,
    subscribers,
    suppressions,
    trying,
)


def register(app: Flask) -> None:
    """Add the blueprint, the sign-in, and what the templates need."""
    guards.manager.init_app(app)
    showing.register(app)
    app.register_blueprint(bp)

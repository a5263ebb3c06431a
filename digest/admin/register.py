"""Brings the editors' pages into the application."""

from flask import Flask

from digest.admin import (
    accounts,
    articles,
    audit,
    compose,
    editions,
    feedback,
    guards,
    overview,
    preview,
    problems,
    showing,
    signing_in,
    sources,
    subscribers,
    suppressions,
)
from digest.admin.blueprint import bp

SCREENS = (  # importing them adds their routes to `bp`
    accounts,
    articles,
    audit,
    compose,
    editions,
    feedback,
    overview,
    preview,
    problems,
    signing_in,
    sources,
    subscribers,
    suppressions,
)


def register(app: Flask) -> None:
    """Add the blueprint, the sign-in, and what the templates need."""
    guards.manager.init_app(app)
    showing.register(app)
    app.register_blueprint(bp)

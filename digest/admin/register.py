"""Brings the editors' pages into the application."""

from flask import Flask

from digest.admin import (
    accounts,
    articles,
    audit,
    auth,
    compose,
    edition_draft,
    editions,
    error_pages,
    feedback,
    overview,
    preview,
    regions,
    sign_in,
    source_trial,
    sources,
    stories,
    subscribers,
    suppressions,
    template_filters,
)
from digest.admin.blueprint import bp

SCREENS = (  # importing them adds their routes to `bp`
    accounts,
    articles,
    audit,
    compose,
    edition_draft,
    editions,
    feedback,
    overview,
    preview,
    error_pages,
    regions,
    sign_in,
    sources,
    stories,
    subscribers,
    suppressions,
    source_trial,
)


def register(app: Flask) -> None:
    """Add the blueprint, the sign-in, and what the templates need."""
    auth.manager.init_app(app)
    template_filters.register(app)
    app.register_blueprint(bp)

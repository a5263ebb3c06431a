"""Registers the newsroom with the application."""

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

# Importing these modules adds their routes to `bp`.
VIEW_MODULES = (
    accounts,
    articles,
    audit,
    compose,
    edition_draft,
    editions,
    feedback,
    overview,
    error_pages,
    preview,
    regions,
    sign_in,
    source_trial,
    sources,
    stories,
    subscribers,
    suppressions,
)


def register(app: Flask) -> None:
    """Add the blueprint, the login manager, and the template filters."""
    auth.login_manager.init_app(app)
    template_filters.register(app)
    app.register_blueprint(bp)

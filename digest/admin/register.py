"""Registers the newsroom with the application."""

from flask import Flask

from digest.admin import (
    accounts,
    article_list,
    articles,
    audit,
    audit_log,
    auth,
    compose,
    counted_texts,
    coverage,
    day_notes,
    edit_conflicts,
    edition_changes,
    edition_draft,
    editions,
    error_pages,
    exclusions,
    feedback,
    figures,
    look,
    new_subscribers,
    oidc,
    opens,
    overview,
    own_sign_in,
    own_zone,
    passwords,
    preview,
    regions,
    sessions,
    setting_up,
    sign_in,
    source_folders,
    source_packs,
    source_page,
    source_polls,
    source_trial,
    sources,
    stories,
    subscriber_address,
    subscriber_bulk,
    subscriber_choices,
    subscriber_imports,
    subscriber_list,
    subscriber_notes,
    subscribers,
    suppressions,
    template_filters,
    today,
    tokens,
    typed_forms,
    undo,
    webhooks,
)
from digest.admin.blueprint import bp
from digest.settings import Settings

# Importing these modules adds their routes to `bp`.
VIEW_MODULES = (
    accounts,
    article_list,
    articles,
    audit,
    compose,
    counted_texts,
    coverage,
    day_notes,
    edition_changes,
    edition_draft,
    editions,
    exclusions,
    feedback,
    figures,
    look,
    new_subscribers,
    oidc,
    opens,
    overview,
    own_sign_in,
    own_zone,
    passwords,
    error_pages,
    preview,
    regions,
    setting_up,
    sign_in,
    source_folders,
    source_packs,
    source_page,
    source_polls,
    source_trial,
    sources,
    stories,
    subscriber_address,
    subscriber_bulk,
    subscriber_choices,
    subscriber_imports,
    subscriber_list,
    subscriber_notes,
    subscribers,
    suppressions,
    today,
    undo,
    tokens,
    webhooks,
)


def register(app: Flask, settings: Settings) -> None:
    """Add the blueprint, the login manager, the check of who may open what, and the template filters."""
    sessions.configure(app, secure=settings.base_url.startswith("https:"))
    auth.login_manager.init_app(app)
    app.before_request(auth.check_access)
    oidc.register(app, settings)
    audit_log.register(app)
    template_filters.register(app)
    typed_forms.register(app)
    edit_conflicts.register(app)
    app.jinja_env.globals["may_post"] = auth.may_post
    app.register_blueprint(bp)

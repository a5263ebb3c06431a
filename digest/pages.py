"""The pages of the application: for readers, for editors, for programs. Only web processes import them."""

from flask import Flask, request
from flask_babel import Babel
from flask_wtf import CSRFProtect

from digest.admin import page_languages
from digest.admin.register import register as register_admin
from digest.api.health import bp as health
from digest.api.metrics import bp as metrics
from digest.api.metrics import count_requests
from digest.api.sources import bp as sources_api
from digest.api.v1.register import register as register_api
from digest.api.webhooks import bp as webhooks
from digest.kept_answers import KeptAnswers
from digest.parts import parts
from digest.request_limits import limit_requests
from digest.sample.feeds import register as register_sample
from digest.settings import Settings
from digest.web import layout
from digest.web.register import CSRF_EXEMPT, WITHOUT_REGIONS
from digest.web.register import register as register_web

REGION_BLUEPRINTS = ("web", "admin", "v1")  # blueprints whose pages show regions or plan with them


def register(app: Flask, settings: Settings) -> None:
    """Add all pages, and what limits and counts requests for them."""
    Babel(app, locale_selector=_page_language).domain_instance = layout.PageTranslations()
    csrf = CSRFProtect(app)
    app.register_blueprint(health)
    app.register_blueprint(metrics)
    app.register_blueprint(sources_api)
    app.register_blueprint(webhooks)
    register_api(app)
    register_web(app)
    register_admin(app, settings)
    register_sample(app)
    for endpoint in CSRF_EXEMPT:
        csrf.exempt(app.view_functions[endpoint])
    limit_requests(app, settings)
    count_requests(app)
    app.before_request(_refresh_regions)
    app.wsgi_app = KeptAnswers(app)  # type: ignore[method-assign]


def _refresh_regions() -> None:
    """Apply editors' changes to the region tree before a request. Kept pages do so when they are rendered."""
    if request.blueprint in REGION_BLUEPRINTS and request.endpoint not in WITHOUT_REGIONS:
        parts().refresh_regions()


def _page_language() -> str:
    """The language of this page: readers and editors choose theirs in different ways."""
    return page_languages.page_language() if layout.is_admin_request() else layout.page_language()

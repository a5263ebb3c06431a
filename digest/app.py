"""Where everything is wired together: `create_app` for the web and the worker, `main` for the command line."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.typing import RouteCallable
from flask_babel import Babel
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from digest import broker, clock, logs, tasks
from digest.accounts.authentication import LONGEST_ADDRESS
from digest.admin.params import LARGEST
from digest.admin.register import register as register_admin
from digest.api.health import bp as health
from digest.api.sources import bp as sources_api
from digest.api.webhooks import bp as webhooks
from digest.articles.ingest.source_poll import Reader
from digest.cli.main import console
from digest.database import Database
from digest.deliveries.messages.digest_message import Sender
from digest.deliveries.sending.delivery_sender import Post
from digest.editions.fragments import Fragments, Site
from digest.i18n.catalogs import LANGUAGES
from digest.mail.outbox import OutboxRelay
from digest.mail.pure.dkim import Signer, read_signer
from digest.mail.pure.pacing import PER_DOMAIN, Rates
from digest.mail.pure.servers import read_smtp_url
from digest.mail.relay import SmtpRelay
from digest.parts import KEY, Parts
from digest.parts import parts as current_parts
from digest.regions import gazetteer
from digest.regions.tree import region_tree
from digest.sample.feeds import register as register_sample
from digest.sample.welcome import sample_group
from digest.settings import Settings
from digest.sources.http.fetch import Fetcher
from digest.subscribers.pure.links import Links
from digest.web import layout
from digest.web.register import CSRF_EXEMPT
from digest.web.register import register as register_web

ROOT = Path(__file__).resolve().parent.parent
WITH_REGIONS = ("web", "admin")  # blueprints whose pages show regions or plan with them
LARGEST_UPLOAD = 2 * 1024 * 1024  # octets; an OPML file of a thousand sources has 200 KB
# How often one network address may post what costs us mail or guesses a password.
LIMITS = {
    "web.join_post": "20/minute;200/hour",
    "web.link_post": "10/minute;60/hour",
    "admin.sign_in": "10/minute;60/hour",
    "admin.password": "10/minute;60/hour",
}
GUESSES = "100/hour"  # at one account's password, from however many network addresses


class WholeNumber(IntegerConverter):
    """`<int:…>` of an address, as large as an id can be; a larger one is the address of nothing."""

    regex = r"\d{1,10}"  # Python reads no number of 5,000 digits

    def __init__(self, map: Map) -> None:  # noqa: A002 -- the base class's name
        super().__init__(map, max=LARGEST)


def create_app(settings: Settings) -> Flask:
    """The whole program, for these settings. Opens no connection yet."""
    logs.configure(settings)
    app = Flask(
        "digest",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "digest" / "web" / "static"),
    )
    app.url_map.converters["int"] = WholeNumber
    _configure(app, settings)
    parts = assemble(settings)
    app.extensions[KEY] = parts
    app.extensions["celery"] = tasks.create_celery(parts, broker.url(settings))
    Babel(app, locale_selector=layout.language).domain_instance = layout.Pages()
    csrf = CSRFProtect(app)
    app.register_blueprint(health)
    app.register_blueprint(sources_api)
    app.register_blueprint(webhooks)
    register_web(app)
    register_admin(app)
    register_sample(app)
    for endpoint in CSRF_EXEMPT:
        csrf.exempt(app.view_functions[endpoint])
    _limit(app, settings)
    app.before_request(_newest_tree)
    return app


def assemble(settings: Settings) -> Parts:
    """The parts that pages, commands and tasks work with."""
    regions = region_tree.load()
    sender = Sender(
        mail_from=settings.mail_from,
        return_path_domain=settings.return_path_domain,
        site_name=settings.site_name,
        site_url=settings.base_url,
        secret=settings.secret_key,
        signers=_signers(settings),
        reads_mail=settings.reads_mail,
    )
    links = Links(settings.secret_key, settings.base_url)
    site = Site(settings.site_name, settings.base_url, settings.postal_address)
    fragments = Fragments(site, regions, pictures=settings.images)
    servers = read_smtp_url(settings.smtp_url) if settings.smtp_url else ()
    shares = [server.shared_by(settings.senders) for server in servers]
    rates = Rates({**PER_DOMAIN, **dict(settings.domain_rates)}, settings.senders)
    relay = SmtpRelay(shares, rates=rates) if shares else OutboxRelay(settings.outbox)
    fetcher = Fetcher(allow=_allowed(settings), user_agent=f"Dateline/0.1 (+{settings.base_url})")
    return Parts(
        settings=settings,
        db=Database(settings.database),
        tree=regions,
        reader=Reader(fetcher, gazetteer.tagger(), timedelta(minutes=settings.poll_minutes), clock.now),
        links=links,
        sender=sender,
        fragments=fragments,
        post=Post(relay, fragments, links, sender, regions, clock.now, senders=settings.senders),
        languages=LANGUAGES,
    )


def _signers(settings: Settings) -> tuple[Signer, ...]:
    """The keys that sign every mail: Ed25519 goes second, for those who know it."""
    domain = settings.dkim_domain or settings.mail_from.rpartition("@")[2].rstrip("> ")
    keys = (
        (settings.dkim_key, settings.dkim_selector),
        (settings.dkim_second_key, settings.dkim_second_selector),
    )
    return tuple(read_signer(key, domain, selector) for key, selector in keys if key)


def _allowed(settings: Settings) -> frozenset[str]:
    """Private addresses that sources may be fetched from: those named, and our own while it serves the sample."""
    own = urlsplit(settings.base_url)
    if settings.sample:
        return settings.fetch_allow | {f"{own.hostname}:{own.port or 80}"}
    return settings.fetch_allow


def main() -> None:
    """The `dateline` command."""
    console(lambda: create_app(Settings.from_env()), [sample_group])


def _newest_tree() -> None:
    """What editors changed of the region tree, perhaps in another process, holds from the next request on."""
    if request.blueprint in WITH_REGIONS:
        current_parts().fresh()


def _configure(app: Flask, settings: Settings) -> None:
    host = urlsplit(settings.base_url).hostname or "localhost"
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https:"),
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_NAME="dateline",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        # A host that isn't ours would end up in redirects, and lets foreign sites reach a local one (DNS rebinding).
        TRUSTED_HOSTS=[host, "localhost", "127.0.0.1"],
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a form left open over lunch still works
        BABEL_DEFAULT_LOCALE="en",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _limit(app: Flask, settings: Settings) -> None:
    """Rate limits, counted in the broker for all processes; each for itself while that doesn't answer."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=broker.limits_url(settings),
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
        key_prefix="dateline",
    )
    views = app.view_functions
    for endpoint, rates in LIMITS.items():
        views[endpoint] = cast("RouteCallable", limiter.limit(rates, methods=["POST"])(views[endpoint]))
    guesses = limiter.limit(GUESSES, key_func=_account_named, methods=["POST"])
    views["admin.sign_in"] = cast("RouteCallable", guesses(views["admin.sign_in"]))
    logging.getLogger("flask-limiter").setLevel(logging.ERROR)

    @app.after_request
    def say_when(response: Response) -> Response:
        """Retry-After, on a refusal alone: Flask-Limiter's own headers would count down on every other answer."""
        reached = limiter.current_limit
        if reached is not None and reached.breached:
            seconds = int(reached.reset_at - clock.now().timestamp())  # reset_at is rounded up already
            response.headers["Retry-After"] = str(max(seconds, 1))
        return response


def _account_named() -> str:
    """The account that a sign-in names, as accounts are looked up.

    Those that name it otherwise than our page does (Flask-WTF reads JSON too) are counted together.
    """
    return request.form.get("email", "").strip()[:LONGEST_ADDRESS].casefold() or "none in the form"

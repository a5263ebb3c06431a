"""Where everything is wired together: `create_app` for the web and the worker, `main` for the command line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from digest import __version__, broker, clock, logs, private_files, project_files, tasks
from digest.api.request_ids import identify_requests
from digest.articles.ingest.source_poll import IngestContext
from digest.articles.states import ArticleKind
from digest.cli.main import run_cli
from digest.database import MAX_ROW_ID, Database
from digest.deliveries.messages.digest_message import SenderIdentity
from digest.deliveries.sending.relays import create_relays, domain_rates
from digest.deliveries.sending.sending_context import SendingContext
from digest.editions.fragment_values import Site
from digest.editions.fragments import Fragments
from digest.editions.samples import SampleDigests
from digest.error_reports import start_reporting
from digest.feedback.pure.refusal_kinds import refusal_kind
from digest.i18n.catalogs import MAIL_LANGUAGES
from digest.local_requests import is_forwarded
from digest.look.looks import Looks
from digest.look.pure.look import Words
from digest.mail.pure.dkim import Signer, parse_signer
from digest.mail.pure.servers import max_senders, parse_smtp_url
from digest.monitoring.answers import count_outcomes
from digest.monitoring.figures import Figures
from digest.monitoring.notices import Messenger
from digest.monitoring.watcher import WatchContext, Watcher
from digest.opens.pure.counted_links import CountedLinks
from digest.parts import EXTENSION_KEY, Parts
from digest.regions import gazetteer
from digest.regions.tree import region_tree
from digest.settings import Settings
from digest.sources.http.fetch import Fetcher
from digest.subscribers.pure.links import SignedLinks

LARGEST_UPLOAD = 2 * 1024 * 1024  # octets; an OPML file of a thousand sources has 200 KB


class IdConverter(IntegerConverter):
    """`<int:…>` in a URL: at most the largest id that a row can have; a larger number is a 404."""

    regex = r"\d{1,10}"  # `int` raises a ValueError for more than 4,300 digits

    def __init__(self, map: Map) -> None:  # noqa: A002 -- the base class's name
        super().__init__(map, max=MAX_ROW_ID)


def create_app(settings: Settings, *, program: str = "dateline", pages: bool = True) -> Flask:
    """The Flask application with all its parts, for these settings. Opens no connection yet.

    PostgreSQL shows its connections under the name `program`. Commands, workers and beat need no `pages`.
    """
    logs.configure_logging(settings)
    start_reporting(settings)
    app = Flask(
        "digest",
        template_folder=str(project_files.TEMPLATES),
        static_folder=str(project_files.PACKAGE / "web" / "static"),
    )
    app.url_map.converters["int"] = IdConverter
    identify_requests(app)
    _configure(app, settings)
    parts = build_parts(settings, program=program)
    app.extensions[EXTENSION_KEY] = parts
    app.extensions["celery"] = tasks.create_celery(parts, broker.broker_url(settings))
    if pages:
        # A third of what a web process imports; other processes do without.
        from digest import pages as all_pages

        all_pages.register(app, settings)
    if hops := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def build_parts(settings: Settings, *, program: str = "dateline") -> Parts:
    """The parts that pages, commands and tasks share."""
    private_files.create_private(settings.var)
    regions = region_tree.load()
    sender = _sender_identity(settings)
    links = SignedLinks(settings.secret_key, settings.base_url)
    counted_links = CountedLinks(settings.secret_key, settings.base_url)
    looks = Looks(environment_words(settings))
    fragments = Fragments(_site(settings, looks, counted_links), regions, pictures=settings.images)
    db = Database(settings.sqlalchemy_url, application_name=program)
    figures = Figures(db)
    servers = parse_smtp_url(settings.smtp_url) if settings.smtp_url else ()
    senders = max_senders(servers, settings.senders)
    count_outcome = count_outcomes(figures, frozenset(domain_rates(settings)))
    relay, letter_relay = create_relays(settings, servers, senders, count_outcome)
    kinds = frozenset(map(ArticleKind, settings.default_kinds))
    sending = SendingContext(
        relay, fragments, links, sender, regions, clock.now, refusal_kind,
        default_kinds=kinds, sender_count=senders, looks=looks,
    )  # fmt: skip
    return Parts(
        settings=settings,
        db=db,
        clock=clock.now,
        tree=regions,
        ingest=IngestContext(
            _fetcher(settings), gazetteer.tagger(), timedelta(minutes=settings.poll_minutes), clock.now
        ),
        links=links,
        counted_links=counted_links,
        sender=sender,
        fragments=fragments,
        looks=looks,
        samples=SampleDigests(regions, kinds),
        sending=sending,
        letter_sending=replace(sending, relay=letter_relay),
        figures=figures,
        languages=MAIL_LANGUAGES,
    )


def _site(settings: Settings, looks: Looks, counted_links: CountedLinks) -> Site:
    links = counted_links if settings.count_opens else None
    return Site(settings.site_name, settings.base_url, settings.postal_address, looks.known, links)


def environment_words(settings: Settings) -> Words:
    """The words of the look that settings give, over which the newsroom saves others."""
    reply_to = settings.reply_to
    return Words(
        name=settings.site_name,
        sender="" if settings.mail_from.name == settings.site_name else settings.mail_from.name,
        reply_to=reply_to.text if reply_to else "",
        welcome=settings.welcome,
        postal_address=settings.postal_address,
    )


def _sender_identity(settings: Settings) -> SenderIdentity:
    return SenderIdentity(
        mail_from=settings.mail_from,
        return_path_domain=settings.return_path_domain,
        site_name=settings.site_name,
        site_url=settings.base_url,
        secret=settings.secret_key,
        signers=_signers(settings),
        receives_mail=settings.receives_feedback_mail,
        reply_to=settings.reply_to,
    )


def _fetcher(settings: Settings) -> Fetcher:
    return Fetcher(
        allowed_private_hosts=_allowed_private_hosts(settings),
        user_agent=f"Dateline/{__version__} (+{settings.base_url})",
    )


def _signers(settings: Settings) -> tuple[Signer, ...]:
    """The keys that sign every mail; the second one is for receivers that know Ed25519."""
    domain = settings.dkim_domain or settings.mail_from.domain
    keys = (
        (settings.dkim_key, settings.dkim_selector),
        (settings.dkim_second_key, settings.dkim_second_selector),
    )
    return tuple(parse_signer(key, domain, selector) for key, selector in keys if key)


def _allowed_private_hosts(settings: Settings) -> frozenset[str]:
    """Private hosts that sources may be fetched from: the configured ones, and this site if it serves the sample."""
    site_url = urlsplit(settings.base_url)
    if settings.serves_sample:
        return settings.fetch_allow | {f"{site_url.hostname}:{site_url.port or 80}"}
    return settings.fetch_allow


def create_watcher(app: Flask) -> Watcher:
    """What watches the installation, for a thread of a web process or of beat."""
    p: Parts = app.extensions[EXTENSION_KEY]
    messenger = Messenger(p.settings, p.sender, p.clock)
    return Watcher(WatchContext(p.db, app.extensions["celery"], p.settings, messenger, p.clock))


def main() -> None:
    """The `dateline` command."""
    private_files.keep_private()
    run_cli(lambda: create_app(Settings.from_env(), program="dateline-cli", pages=False))


def _configure(app: Flask, settings: Settings) -> None:
    host = urlsplit(settings.base_url).hostname or "localhost"
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        # A foreign Host header would end up in redirects, and would let other sites reach a local one (DNS rebinding).
        TRUSTED_HOSTS=[host, "localhost", "127.0.0.1"],
        WTF_CSRF_TIME_LIMIT=None,  # valid as long as the session, so that a form left open for hours works
        BABEL_DEFAULT_LOCALE="en",
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if not settings.trusted_proxies:
        app.before_request(_warn_of_unknown_proxy(app))


def _warn_of_unknown_proxy(app: Flask) -> Callable[[], None]:
    """A function that warns once when a proxy has forwarded a request and TRUSTED_PROXIES does not say so."""
    warned = False

    def warn() -> None:
        nonlocal warned
        if not warned and is_forwarded(dict(request.headers)):
            warned = True
            app.logger.warning(
                "proxy.not_trusted: a proxy forwards requests, but TRUSTED_PROXIES is 0, so limits count its address"
            )

    return warn

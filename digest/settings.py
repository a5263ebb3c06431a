"""The settings of Dateline. They are read once from the environment and checked together; secrets are never printed.

Each field of `Settings` is a setting. Its `metadata` has the name in the environment, the parser and the description.
`docs/operations.md` lists the same settings; a test compares the two.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest import setting_values
from digest.account_settings import AccountSettings
from digest.alert_settings import AlertSettings
from digest.api_settings import ApiSettings
from digest.errors import SettingsError
from digest.feedback_settings import FeedbackSettings
from digest.own_addresses import LOCAL_HOSTS, NamedAddress, parse_mailbox, parse_site_url
from digest.reader_settings import ReaderSettings
from digest.setting_values import flag, integer_between, setting


@dataclass(frozen=True)
class Settings(AccountSettings, AlertSettings, ApiSettings, FeedbackSettings, ReaderSettings):
    """The configuration. `Settings.from_env` builds it; tests may build it directly."""

    var: Path = setting("DATELINE_VAR", "Folder of database, broker and outbox", Path, default=Path("var"))
    database_url: str = setting(
        "DATABASE_URL",
        "Database; unset: SQLite under DATELINE_VAR",
        setting_values.url(
            "postgresql://user@host/dateline", "sqlite", "postgresql", "postgres", "postgresql+psycopg"
        ),
        default="",
        secret=True,
    )
    redis_url: str = setting(
        "REDIS_URL",
        "Broker; unset: an embedded Valkey under DATELINE_VAR, run by `dateline up`",
        setting_values.url("redis://127.0.0.1:6379/0", "redis", "rediss", "redis+socket"),
        default="",
        secret=True,
    )
    smtp_url: str = setting(
        "SMTP_URL",
        "Mail server, or several separated by spaces; unset: the local outbox under DATELINE_VAR",
        setting_values.urls("smtp://user:pass@host:587/?tls=starttls&connections=4", "smtp", "smtps"),
        default="",
        secret=True,
    )
    senders: int = setting(
        "SENDERS",
        "Processes that send at the same time, on all machines; they share the connections and rates",
        integer_between(1, 64),
        default=2,
    )
    domain_rates: tuple[tuple[str, int], ...] = setting(
        "DOMAIN_RATES",
        "Most mails per second to subscribers at a domain: gmail.com=20,example.org=0 (0: no limit)",
        setting_values.domain_rates,
        default=(),
    )
    base_url: str = setting(
        "BASE_URL",
        "Public address of the site",
        parse_site_url,
        default="http://127.0.0.1:8000",
    )
    mail_from: NamedAddress = setting(
        "MAIL_FROM",
        "The From header of every mail",
        parse_mailbox,
        default=NamedAddress("Dateline", "digest@dateline.example"),
    )
    return_path_domain: str = setting(
        "RETURN_PATH_DOMAIN",
        "Domain of the envelope senders, to which bounces are sent; unset: they go to MAIL_FROM",
        setting_values.domain,
        default="",
    )
    dkim_key: str = setting(
        "DKIM_KEY",
        "Private RSA key of 2048 bits in PEM that signs every mail; unset: the mail server signs",
        default="",
        secret=True,
    )
    dkim_selector: str = setting(
        "DKIM_SELECTOR",
        "Name of DKIM_KEY in the DNS, before ._domainkey",
        setting_values.domain,
        default="dateline",
    )
    dkim_domain: str = setting(
        "DKIM_DOMAIN", "Domain that signs; unset: the domain of MAIL_FROM", setting_values.domain, default=""
    )
    dkim_second_key: str = setting(
        "DKIM_SECOND_KEY",
        "Private Ed25519 key in PEM for a second signature (RFC 8463)",
        default="",
        secret=True,
    )
    dkim_second_selector: str = setting(
        "DKIM_SECOND_SELECTOR",
        "Name of DKIM_SECOND_KEY in the DNS",
        setting_values.domain,
        default="dateline-ed",
    )
    retention_days: int = setting(
        "RETENTION_DAYS",
        "Days after which an edition's deliveries are replaced by counts",
        integer_between(7, 3650),
        default=90,
    )
    archive_days: int = setting(
        "ARCHIVE_DAYS",
        "Days after which editions are deleted with their digests, web editions and stories",
        integer_between(30, 3650),
        default=365,
    )
    feedback_days: int = setting(
        "FEEDBACK_DAYS",
        "Days after which bounces, complaints and other feedback are deleted",
        integer_between(90, 3650),
        default=365,
    )
    audit_days: int = setting(
        "AUDIT_DAYS",
        "Days after which entries of the audit trail are deleted",
        integer_between(30, 3650),
        default=730,
    )
    postal_address: str = setting(
        "POSTAL_ADDRESS",
        "Postal address in the footer of every digest; many countries require it by law",
        default="",
    )
    secret_key: str = setting(
        "SECRET_KEY",
        "Signs links and sessions; 32 characters or more; unset: created under DATELINE_VAR (embedded only)",
        default="",
        secret=True,
    )
    site_name: str = setting("SITE_NAME", "Name of the publication", default="Dateline")
    fetch_allow: frozenset[str] = setting(
        "FETCH_ALLOW",
        "Private host:port pairs that sources may be fetched from, comma-separated",
        setting_values.host_ports,
        default=frozenset(),
    )
    poll_minutes: int = setting(
        "POLL_MINUTES", "Usual minutes between two polls of a source", integer_between(30, 1440), default=30
    )
    poll_connections: int = setting(
        "POLL_CONNECTIONS",
        "Hosts that a poller fetches from at the same time",
        integer_between(1, 500),
        default=128,
    )
    article_days: int = setting(
        "ARTICLE_DAYS",
        "Days after which articles that are in no digest are deleted",
        integer_between(14, 3650),
        default=60,
    )
    max_lateness_hours: int = setting(
        "MAX_LATENESS",
        "Hours after which a missed slot is merged into the subscriber's next one",
        integer_between(1, 23),
        default=6,
    )
    review: bool = setting(
        "REVIEW",
        "Whether editors can review scheduled editions for 30 minutes; those not put on hold are sent",
        flag,
        default=False,
    )
    trusted_proxies: int = setting(
        "TRUSTED_PROXIES",
        "Reverse proxies before the web process whose X-Forwarded-* headers are trusted",
        integer_between(0, 5),
        default=0,
    )
    monitoring_token: str = setting(
        "MONITORING_TOKEN",
        "Bearer token that shows other machines what /readyz and /metrics know; 32 characters or more",
        setting_values.strong_secret,
        default="",
        secret=True,
    )
    demo: bool = setting(
        "DATELINE_DEMO",
        "Whether `dateline up` adds the sample sources and sends a sample digest",
        flag,
        default=True,
    )
    sentry_dsn: str = setting(
        "SENTRY_DSN",
        "Where unexpected errors are reported (Sentry's protocol); needs the extra `sentry`",
        setting_values.url("https://key@sentry.example.org/1", "https", "http"),
        default="",
        secret=True,
    )
    log_format: str = setting(
        "LOG_FORMAT", "text or json", setting_values.one_of("text", "json"), default="text"
    )
    log_level: str = setting(
        "LOG_LEVEL",
        "Lowest level that is logged",
        setting_values.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
    )

    @property
    def receives_feedback_mail(self) -> bool:
        """Whether Dateline reads the mail that is sent to the return path domain."""
        return bool(self.return_path_domain and (self.feedback_mailbox or self.feedback_listen))

    @property
    def embedded(self) -> bool:
        """Whether the database is our own SQLite file: a trial, or a small site on one machine."""
        return not self.database_url

    @property
    def local(self) -> bool:
        """Whether the site can only be reached from this machine, as in a trial."""
        return urlsplit(self.base_url).hostname in LOCAL_HOSTS

    @property
    def serves_sample(self) -> bool:
        """Whether the bundled sample news is served: only on a local site, unless DATELINE_DEMO=0."""
        return self.demo and self.local

    @property
    def sqlalchemy_url(self) -> str:
        """The database's URL for SQLAlchemy, with the driver that we use."""
        url = self.database_url or f"sqlite:///{(self.var / 'dateline.sqlite3').resolve()}"
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def outbox(self) -> Path:
        """The Maildir to which mail goes while SMTP_URL is unset."""
        return self.var / "outbox"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """The settings in `environ`, by default the process's. Raises one SettingsError with a line per problem."""
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        problems: list[str] = []
        for field in fields(cls):
            try:
                if text := setting_values.raw_text(environ, field):
                    values[field.name] = field.metadata["parse"](text)
            except (ValueError, OSError) as error:
                problems.append(f"{field.metadata['name']}: {error}")
        settings = cls(**values)
        if problem := settings._secret_problem():
            problems.append(f"SECRET_KEY: {problem}")
        if problem := settings._oidc_problem():
            problems.append(f"OIDC_ISSUER: {problem}")
        if problems:
            raise SettingsError("\n".join(problems))
        secret = settings.secret_key or setting_values.load_or_create_secret(settings.var)
        return replace(settings, secret_key=secret)

    def _secret_problem(self) -> str:
        if not self.secret_key:
            return "" if self.embedded else "must be set beside DATABASE_URL (example: openssl rand -hex 32)"
        return setting_values.secret_problem(self.secret_key)


def inherited_environment() -> dict[str, str]:
    """A copy of this process's environment, for the processes that `dateline up` starts."""
    return dict(os.environ)


def change_environment(environment: Mapping[str, str]) -> None:
    """Set variables for this process and those that it starts."""
    os.environ.update(environment)

"""Every setting of Dateline: read once from the environment, checked all at once, hidden where secret.

A setting is a field of `Settings`; its `metadata` says the environment's name, how it is read and what it is for.
`docs/operations.md` lists the same settings; a test holds the two equal.
"""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest import setting_values
from digest.errors import SettingsError

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def _setting(
    name: str, what: str, read: setting_values.Reader = str, *, default: Any = MISSING, secret: bool = False
) -> Any:
    meta = {"name": name, "what": what, "read": read, "secret": secret}
    return field(default=default, metadata=meta, repr=not secret)


@dataclass(frozen=True)
class Settings:
    """The whole configuration. Build it with `Settings.from_env`; tests may build it directly."""

    var: Path = _setting("DATELINE_VAR", "Folder of database, broker and outbox", Path, default=Path("var"))
    database_url: str = _setting(
        "DATABASE_URL",
        "Database; unset: SQLite under DATELINE_VAR",
        setting_values.url(
            "postgresql://user@host/dateline", "sqlite", "postgresql", "postgres", "postgresql+psycopg"
        ),
        default="",
        secret=True,
    )
    redis_url: str = _setting(
        "REDIS_URL",
        "Broker; unset: an embedded Redis under DATELINE_VAR, run by `dateline up`",
        setting_values.url("redis://127.0.0.1:6379/0", "redis", "rediss", "redis+socket"),
        default="",
        secret=True,
    )
    smtp_url: str = _setting(
        "SMTP_URL",
        "Mail server, or several apart by blanks; unset: the local outbox under DATELINE_VAR",
        setting_values.urls("smtp://user:pass@host:587/?tls=starttls&connections=4", "smtp", "smtps"),
        default="",
        secret=True,
    )
    senders: int = _setting(
        "SENDERS",
        "Processes that send at once, over all machines; each has its part of connections and rates",
        setting_values.whole(1, 64),
        default=2,
    )
    domain_rates: tuple[tuple[str, int], ...] = _setting(
        "DOMAIN_RATES",
        "Mails a second at most to readers at a domain, as gmail.com=20,example.org=0 (0: no limit)",
        setting_values.domain_rates,
        default=(),
    )
    base_url: str = _setting(
        "BASE_URL",
        "Address at which readers reach the site",
        setting_values.url("https://news.example.org", "http", "https"),
        default="http://127.0.0.1:8000",
    )
    mail_from: str = _setting(
        "MAIL_FROM",
        "From of every mail",
        setting_values.mailbox,
        default="Dateline <digest@dateline.example>",
    )
    return_path_domain: str = _setting(
        "RETURN_PATH_DOMAIN",
        "Domain of the envelope senders, where bounces arrive; unset: they go to MAIL_FROM",
        setting_values.domain,
        default="",
    )
    dkim_key: str = _setting(
        "DKIM_KEY",
        "Private key in PEM (RSA of 2048 bits) that signs every mail; unset: the mail server signs",
        default="",
        secret=True,
    )
    dkim_selector: str = _setting(
        "DKIM_SELECTOR",
        "Name of that key in the DNS, before ._domainkey",
        setting_values.domain,
        default="dateline",
    )
    dkim_domain: str = _setting(
        "DKIM_DOMAIN", "Domain that signs; unset: that of MAIL_FROM", setting_values.domain, default=""
    )
    dkim_second_key: str = _setting(
        "DKIM_SECOND_KEY",
        "Private Ed25519 key in PEM for a second signature (RFC 8463)",
        default="",
        secret=True,
    )
    dkim_second_selector: str = _setting(
        "DKIM_SECOND_SELECTOR", "Name of that key in the DNS", setting_values.domain, default="dateline-ed"
    )
    retention_days: int = _setting(
        "RETENTION_DAYS",
        "Days after which deliveries are folded into counts per edition",
        setting_values.whole(7, 3650),
        default=90,
    )
    postal_address: str = _setting(
        "POSTAL_ADDRESS",
        "Postal address in the footer of every digest (the law of many countries asks for it)",
        default="",
    )
    secret_key: str = _setting(
        "SECRET_KEY",
        "Signs links and sessions, 32 characters or more; unset: made once under DATELINE_VAR (embedded only)",
        default="",
        secret=True,
    )
    site_name: str = _setting("SITE_NAME", "Name of the publication", default="Dateline")
    admin_email: str = _setting(
        "ADMIN_EMAIL", "Address of the first account, made by `dateline up`", default="admin@dateline.example"
    )
    fetch_allow: frozenset[str] = _setting(
        "FETCH_ALLOW",
        "Private host:port pairs that sources may be fetched from, comma-separated",
        setting_values.host_ports,
        default=frozenset(),
    )
    poll_minutes: int = _setting(
        "POLL_MINUTES",
        "Usual minutes between two looks at a source",
        setting_values.whole(30, 1440),
        default=30,
    )
    poll_connections: int = _setting(
        "POLL_CONNECTIONS",
        "Hosts of sources that one poller asks at a time",
        setting_values.whole(1, 500),
        default=128,
    )
    article_days: int = _setting(
        "ARTICLE_DAYS",
        "Days after which articles that no digest has are deleted",
        setting_values.whole(14, 3650),
        default=60,
    )
    max_lateness_hours: int = _setting(
        "MAX_LATENESS",
        "Hours after which a missed slot is merged into the reader's next",
        setting_values.whole(1, 23),
        default=6,
    )
    review: bool = _setting(
        "REVIEW",
        "Whether scheduled editions open for editors 30 minutes before their slot; unless held they go out",
        setting_values.flag,
        default=False,
    )
    images: bool = _setting(
        "IMAGES",
        "Whether a digest's first story has the picture of its article",
        setting_values.flag,
        default=False,
    )
    trusted_proxies: int = _setting(
        "TRUSTED_PROXIES",
        "Number of reverse proxies before the web process whose X-Forwarded-* are believed",
        setting_values.whole(0, 5),
        default=0,
    )
    demo: bool = _setting(
        "DATELINE_DEMO",
        "Whether `dateline up` brings the sample source and a sample digest",
        setting_values.flag,
        default=True,
    )
    feedback_mailbox: str = _setting(
        "FEEDBACK_MAILBOX",
        "Mailbox that is read every minute for what comes back; `pipe:` when it is piped in instead",
        setting_values.url(
            "imaps://user:pass@mail.example.org/INBOX", "imaps", "imap", "pop3s", "pop3", "maildir", "pipe"
        ),
        default="",
        secret=True,
    )
    feedback_listen: str = _setting(
        "FEEDBACK_LISTEN", "host:port of `dateline feedback listen`", setting_values.host_port, default=""
    )
    soft_bounces: int = _setting(
        "SOFT_BOUNCES",
        "Soft bounces, on different days, after which an address is given up",
        setting_values.whole(2, 50),
        default=5,
    )
    soft_bounce_days: int = _setting(
        "SOFT_BOUNCE_DAYS",
        "Least days between the first and the last of them",
        setting_values.whole(1, 45),
        default=7,
    )
    webhook_secret: str = _setting(
        "WEBHOOK_SECRET",
        "Signs feedback that your own programs post",
        setting_values.long_enough,
        default="",
        secret=True,
    )
    ses_topics: frozenset[str] = _setting(
        "SES_TOPICS",
        "ARNs of the Amazon SNS topics whose notifications are taken, comma-separated",
        setting_values.topics,
        default=frozenset(),
    )
    postmark_login: str = _setting(
        "POSTMARK_LOGIN",
        "user:password that Postmark's webhooks carry",
        setting_values.login,
        default="",
        secret=True,
    )
    sendgrid_key: str = _setting(
        "SENDGRID_KEY", "Verification key of SendGrid's signed event webhook", default="", secret=True
    )
    mailgun_key: str = _setting("MAILGUN_KEY", "Webhook signing key of Mailgun", default="", secret=True)
    log_format: str = _setting(
        "LOG_FORMAT", "text or json", setting_values.one_of("text", "json"), default="text"
    )
    log_level: str = _setting(
        "LOG_LEVEL",
        "Least severe level logged",
        setting_values.one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        default="INFO",
    )

    @property
    def reads_mail(self) -> bool:
        """Whether mail to the return path domain is read, so that an address there is worth naming."""
        return bool(self.return_path_domain and (self.feedback_mailbox or self.feedback_listen))

    @property
    def embedded(self) -> bool:
        """Whether the database is our own SQLite file: one machine, somebody trying it out or a small site."""
        return not self.database_url

    @property
    def local(self) -> bool:
        """Whether the site is for this machine alone: somebody trying it out."""
        return urlsplit(self.base_url).hostname in LOCAL_HOSTS

    @property
    def sample(self) -> bool:
        """Whether the bundled news is served: on a trial site, unless it is left out."""
        return self.demo and self.local

    @property
    def database(self) -> str:
        """The SQLAlchemy URL of the database in use."""
        url = self.database_url or f"sqlite:///{(self.var / 'dateline.sqlite3').resolve()}"
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @property
    def outbox(self) -> Path:
        """The local outbox (a Maildir), used while SMTP_URL is unset."""
        return self.var / "outbox"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read all settings; raises one SettingsError with a line for everything that is wrong."""
        environ = os.environ if environ is None else environ
        given: dict[str, Any] = {}
        wrong: list[str] = []
        for spec in fields(cls):
            try:
                text = _text(environ, spec)
                if text:
                    given[spec.name] = spec.metadata["read"](text)
            except (ValueError, OSError) as error:
                wrong.append(f"{spec.metadata['name']}: {error}")
        settings = cls(**given)
        if complaint := settings._secret_complaint():
            wrong.append(f"SECRET_KEY: {complaint}")
        if wrong:
            raise SettingsError("\n".join(wrong))
        secret = settings.secret_key or setting_values.kept_secret(settings.var)
        return replace(settings, secret_key=secret)

    def _secret_complaint(self) -> str:
        if not self.secret_key:
            return "" if self.embedded else "must be set beside DATABASE_URL (example: openssl rand -hex 32)"
        return setting_values.too_short(self.secret_key)


def inherited_environment() -> dict[str, str]:
    """A copy of this process's environment, for the processes that `dateline up` starts."""
    return dict(os.environ)


def _text(environ: Mapping[str, str], spec: Field[Any]) -> str:
    """The raw text of a setting; secrets may also be named as a file: NAME_FILE."""
    name = spec.metadata["name"]
    file = environ.get(name + "_FILE", "") if spec.metadata["secret"] else ""
    if file and environ.get(name):
        raise ValueError(f"is set, and so is {name}_FILE; unset one of them")
    return Path(file).read_text().strip() if file else environ.get(name, "").strip()

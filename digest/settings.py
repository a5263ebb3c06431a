"""Every setting of Dateline: read once from the environment, checked all at once, hidden where secret.

A setting is a field of `Settings`; its `metadata` says the environment's name, how it is read and what it is for.
`docs/operations.md` lists the same settings; a test holds the two equal.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.errors import SettingsError

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
Reader = Callable[[str], Any]
DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")  # as SMTP has it; international ones as xn--
SHORTEST_SECRET = 32  # characters


def _setting(
    name: str, what: str, read: Reader = str, *, default: Any = MISSING, secret: bool = False
) -> Any:
    meta = {"name": name, "what": what, "read": read, "secret": secret}
    return field(default=default, metadata=meta, repr=not secret)


def _flag(text: str) -> bool:
    if text.lower() not in {"0", "1", "true", "false", "yes", "no"}:
        raise ValueError(f'"{text}" is neither yes nor no (example: 1)')
    return text.lower() in {"1", "true", "yes"}


def _whole(low: int, high: int) -> Reader:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ValueError(f'"{text}" is not a whole number from {low} to {high}')
        return int(text)

    return read


def _one_of(*allowed: str) -> Reader:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f'"{text}" is none of {", ".join(allowed)}')
        return text

    return read


def _url(example: str, *schemes: str) -> Reader:
    def read(text: str) -> str:
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            port = text.rpartition("@")[2].partition("/")[0].rpartition(":")[2] or text.rpartition(":")[2]
            raise ValueError(f'port "{port.split("/")[0]}" is not a number (example: {example})') from None
        if parts.scheme not in schemes:
            raise ValueError(
                f'"{parts.scheme}:" is none of {", ".join(s + ":" for s in schemes)} (example: {example})'
            )
        return text.rstrip("/") if "http" in schemes else text

    return read


def _urls(example: str, *schemes: str) -> Reader:
    one = _url(example, *schemes)

    def read(text: str) -> str:
        return " ".join(one(url) for url in text.replace(",smtp", " smtp").split())

    return read


def _domain_rates(text: str) -> tuple[tuple[str, int], ...]:
    rates = []
    for item in filter(None, (part.strip() for part in text.split(","))):
        domain, equals, rate = item.partition("=")
        if not (equals and rate.strip().isdecimal() and len(rate) < 7):
            raise ValueError(f'"{item}" is not a domain and a rate (example: gmail.com=20,example.org=0)')
        rates.append((_domain(domain.strip()).lower(), int(rate)))
    return tuple(rates)


def _mailbox(text: str) -> str:
    address = text.rpartition("<")[2].removesuffix(">").strip()
    local, _, domain = address.rpartition("@")
    plain = address.isascii() and address.isprintable() and not set(address) & set(" <>,;:")
    if not (local and plain and DOMAIN.fullmatch(domain)) or not text.isprintable():
        raise ValueError(f"{text!r} is not a mailbox (example: Dateline <news@example.org>)")
    return text


def _domain(text: str) -> str:
    if not DOMAIN.fullmatch(text):
        raise ValueError(
            f"{text!r} is not a domain in ASCII (examples: bounces.example.org, xn--bcher-kva.example)"
        )
    return text


def _host_port(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not (host and port.isdecimal() and int(port) <= 65535):
        raise ValueError(f'"{text}" is not host:port (example: 127.0.0.1:8024)')
    return text


def _long_enough(text: str) -> str:
    if complaint := _too_short(text):
        raise ValueError(complaint)
    return text


def _login(text: str) -> str:
    user, _, password = text.partition(":")
    if not user or len(password) < 12:
        raise ValueError("is not user:password with a password of 12 characters or more")
    return text


def _topics(text: str) -> frozenset[str]:
    items = [item.strip() for item in text.split(",") if item.strip()]
    for item in items:
        if not re.fullmatch(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w.-]+", item):
            raise ValueError(f'"{item}" is not a topic (example: arn:aws:sns:eu-west-1:123456789012:bounces)')
    return frozenset(items)


def _host_ports(text: str) -> frozenset[str]:
    items = [item.strip().lower() for item in text.split(",") if item.strip()]
    for item in items:
        host, colon, port = item.rpartition(":")
        if not (host and colon and port.isdecimal()):
            raise ValueError(f'"{item}" is not host:port (example: 127.0.0.1:8099,news.intern:80)')
    return frozenset(items)


@dataclass(frozen=True)
class Settings:
    """The whole configuration. Build it with `Settings.from_env`; tests may build it directly."""

    var: Path = _setting(
        "DATELINE_VAR", "Folder for the embedded database, broker and outbox", Path, default=Path("var")
    )
    database_url: str = _setting(
        "DATABASE_URL",
        "Database; unset: SQLite under DATELINE_VAR",
        _url("postgresql://user@host/dateline", "sqlite", "postgresql", "postgres", "postgresql+psycopg"),
        default="",
        secret=True,
    )
    redis_url: str = _setting(
        "REDIS_URL",
        "Broker; unset: an embedded Redis under DATELINE_VAR, run by `dateline up`",
        _url("redis://127.0.0.1:6379/0", "redis", "rediss", "redis+socket"),
        default="",
        secret=True,
    )
    smtp_url: str = _setting(
        "SMTP_URL",
        "Mail server, or several apart by blanks; unset: the local outbox under DATELINE_VAR",
        _urls("smtp://user:pass@host:587/?tls=starttls&connections=4", "smtp", "smtps"),
        default="",
        secret=True,
    )
    senders: int = _setting(
        "SENDERS",
        "Processes that send at once, over all machines; each has its part of connections and rates",
        _whole(1, 64),
        default=2,
    )
    domain_rates: tuple[tuple[str, int], ...] = _setting(
        "DOMAIN_RATES",
        "Mails a second at most to readers at a domain, as gmail.com=20,example.org=0 (0: no limit)",
        _domain_rates,
        default=(),
    )
    base_url: str = _setting(
        "BASE_URL",
        "Address at which readers reach the site",
        _url("https://news.example.org", "http", "https"),
        default="http://127.0.0.1:8000",
    )
    mail_from: str = _setting(
        "MAIL_FROM", "From of every mail", _mailbox, default="Dateline <digest@dateline.example>"
    )
    return_path_domain: str = _setting(
        "RETURN_PATH_DOMAIN",
        "Domain of the envelope senders, where bounces arrive; unset: they go to MAIL_FROM",
        _domain,
        default="",
    )
    dkim_key: str = _setting(
        "DKIM_KEY",
        "Private key in PEM (RSA of 2048 bits) that signs every mail; unset: the mail server signs",
        default="",
        secret=True,
    )
    dkim_selector: str = _setting(
        "DKIM_SELECTOR", "Name of that key in the DNS, before ._domainkey", _domain, default="dateline"
    )
    dkim_domain: str = _setting(
        "DKIM_DOMAIN", "Domain that signs; unset: that of MAIL_FROM", _domain, default=""
    )
    dkim_second_key: str = _setting(
        "DKIM_SECOND_KEY",
        "Private Ed25519 key in PEM for a second signature (RFC 8463)",
        default="",
        secret=True,
    )
    dkim_second_selector: str = _setting(
        "DKIM_SECOND_SELECTOR", "Name of that key in the DNS", _domain, default="dateline-ed"
    )
    retention_days: int = _setting(
        "RETENTION_DAYS",
        "Days after which deliveries are folded into counts per edition",
        _whole(7, 3650),
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
        _host_ports,
        default=frozenset(),
    )
    poll_minutes: int = _setting(
        "POLL_MINUTES", "Usual minutes between two looks at a source", _whole(30, 1440), default=30
    )
    poll_connections: int = _setting(
        "POLL_CONNECTIONS", "Hosts of sources that one poller asks at a time", _whole(1, 500), default=128
    )
    article_days: int = _setting(
        "ARTICLE_DAYS",
        "Days after which articles that no digest has are deleted",
        _whole(14, 3650),
        default=60,
    )
    max_lateness_hours: int = _setting(
        "MAX_LATENESS",
        "Hours after which a missed slot is merged into the reader's next",
        _whole(1, 23),
        default=6,
    )
    review: bool = _setting(
        "REVIEW",
        "Whether scheduled editions open for editors 30 minutes before their slot; unless held they go out",
        _flag,
        default=False,
    )
    trusted_proxies: int = _setting(
        "TRUSTED_PROXIES",
        "Number of reverse proxies before the web process whose X-Forwarded-* are believed",
        _whole(0, 5),
        default=0,
    )
    demo: bool = _setting(
        "DATELINE_DEMO",
        "Whether `dateline up` brings the sample source and a sample digest",
        _flag,
        default=True,
    )
    feedback_mailbox: str = _setting(
        "FEEDBACK_MAILBOX",
        "Mailbox that is read every minute for what comes back; `pipe:` when it is piped in instead",
        _url("imaps://user:pass@mail.example.org/INBOX", "imaps", "imap", "pop3s", "pop3", "maildir", "pipe"),
        default="",
        secret=True,
    )
    feedback_listen: str = _setting(
        "FEEDBACK_LISTEN",
        "host:port of `dateline feedback listen`",
        _host_port,
        default="",
    )
    soft_bounces: int = _setting(
        "SOFT_BOUNCES",
        "Soft bounces, on different days, after which an address is given up",
        _whole(2, 50),
        default=5,
    )
    soft_bounce_days: int = _setting(
        "SOFT_BOUNCE_DAYS",
        "Least days between the first and the last of them",
        _whole(1, 45),
        default=7,
    )
    webhook_secret: str = _setting(
        "WEBHOOK_SECRET", "Signs feedback that your own programs post", _long_enough, default="", secret=True
    )
    ses_topics: frozenset[str] = _setting(
        "SES_TOPICS",
        "ARNs of the Amazon SNS topics whose notifications are taken, comma-separated",
        _topics,
        default=frozenset(),
    )
    postmark_login: str = _setting(
        "POSTMARK_LOGIN",
        "user:password that Postmark's webhooks carry",
        _login,
        default="",
        secret=True,
    )
    sendgrid_key: str = _setting(
        "SENDGRID_KEY", "Verification key of SendGrid's signed event webhook", default="", secret=True
    )
    mailgun_key: str = _setting("MAILGUN_KEY", "Webhook signing key of Mailgun", default="", secret=True)
    log_format: str = _setting("LOG_FORMAT", "text or json", _one_of("text", "json"), default="text")
    log_level: str = _setting(
        "LOG_LEVEL", "Least severe level logged", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"
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
        values: dict[str, Any] = {}
        wrong: list[str] = []
        for spec in fields(cls):
            try:
                text = _text(environ, spec)
                if text:
                    values[spec.name] = spec.metadata["read"](text)
            except (ValueError, OSError) as error:
                wrong.append(f"{spec.metadata['name']}: {error}")
        settings = cls(**values)
        if complaint := settings._secret_complaint():
            wrong.append(f"SECRET_KEY: {complaint}")
        if wrong:
            raise SettingsError("\n".join(wrong))
        return settings if settings.secret_key else replace(settings, secret_key=settings._kept_secret())

    def _secret_complaint(self) -> str:
        if not self.secret_key:
            return "" if self.embedded else "must be set beside DATABASE_URL (example: openssl rand -hex 32)"
        return _too_short(self.secret_key)

    def _kept_secret(self) -> str:
        """The secret under `var/`, made by whoever asks first. It is linked into place whole: a second process that
        starts at the same moment must not read a file that is still empty."""
        path, made = self.var / "secret_key", self.var / f"secret_key.{secrets.token_hex(8)}"
        try:
            self.var.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                    file.write(secrets.token_hex(SHORTEST_SECRET))
                with contextlib.suppress(FileExistsError):  # made by another process a moment ago
                    os.link(made, path)
                made.unlink()
            kept = path.read_text().strip()
        except OSError as error:
            raise SettingsError(f"SECRET_KEY: can't be kept under DATELINE_VAR: {error}") from error
        if complaint := _too_short(kept):
            raise SettingsError(f"SECRET_KEY: {complaint}; it was read from {path}")
        return kept


def _too_short(secret: str) -> str:
    if len(secret) >= SHORTEST_SECRET:
        return ""
    return (
        f"{len(secret)} characters are too few to be a secret; "
        f"use {SHORTEST_SECRET} or more (example: openssl rand -hex 32)"
    )


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

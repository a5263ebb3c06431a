"""Gives what strangers can send to its readers, mutated by atheris, and fails where a reader does more than refuse it.

Targets: bounces, webhooks, feeds, pages, tokens. Whatever is read may only be refused with an error of ours, and within
the processor time that a reader is allowed. A directory after the target holds inputs to begin with. Needs
`pip install atheris`, which is not among the requirements.

Example: python -m benchmarks.fuzz bounces -max_total_time=600 -max_len=300000
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import atheris
from werkzeug.datastructures import Headers

with atheris.instrument_imports(include=["digest"]):
    from digest.accounts.pure.password_links import PasswordLinks
    from digest.deliveries.pure.return_paths import find_tokens
    from digest.errors import DatelineError, InvalidInputError
    from digest.feedback.pure import provider_events, signatures
    from digest.feedback.pure.classification import classify_mail
    from digest.feedback.pure.refusal_kinds import classify_refusal
    from digest.sources.documents import parse_document
    from digest.sources.parser_process import CPU_SECONDS
    from digest.subscribers.pure.links import SignedLinks, find_token

MAX_MAIL_SECONDS = 0.5
SITE = "https://news.example.org"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PARSERS = (
    provider_events.parse_ses,
    provider_events.parse_postmark,
    provider_events.parse_sendgrid,
    provider_events.parse_mailgun,
    provider_events.parse_generic,
)


@contextlib.contextmanager
def limited(seconds: float, data: bytes) -> Iterator[None]:
    """Fail if the block takes more processor time than this."""
    started = time.process_time()
    yield
    spent = time.process_time() - started
    if spent > seconds:
        raise RuntimeError(f"{spent:.2f} s for {len(data)} octets")


def read_bounce(data: bytes) -> None:
    """Read a mail, and the same octets as an answer of a mail server."""
    with limited(MAX_MAIL_SECONDS, data):
        classify_mail(data)
        classify_refusal(data.decode("utf-8", "replace"))


def read_feed(data: bytes) -> None:
    """Read a document that calls itself a feed."""
    _read_document(data, "application/rss+xml")


def read_page(data: bytes) -> None:
    """Read a document that calls itself a page."""
    _read_document(b"<!doctype html>" + data, "text/html")


def _read_document(data: bytes, content_type: str) -> None:
    with limited(CPU_SECONDS, data), contextlib.suppress(InvalidInputError):
        parse_document(data, url=f"{SITE}/a", content_type=content_type, now=NOW)


def read_token(data: bytes) -> None:
    """Read the octets as each kind of link and return path that we sign, as they are and changed from what we signed.

    None of them may be accepted. Then sign them: what they say may only be refused.
    """
    links = SignedLinks("key", SITE)
    for text in (data.decode("utf-8", "replace"), changed_token(links.token("owner", "AbCdEfGh", NOW), data)):
        _refuse_token(links, text)
    value = data.replace(b"\n", b"")
    signed = value + b"." + links._signature("confirm", value)
    with contextlib.suppress(InvalidInputError):
        links.verify("confirm", signed.decode("utf-8", "surrogateescape"), NOW)


def _refuse_token(links: SignedLinks, text: str) -> None:
    passwords = PasswordLinks("key", SITE)
    checks: tuple[Callable[[], object], ...] = (
        lambda: links.verify("confirm", find_token(text), NOW),
        lambda: links.verify_preferences(text, NOW),
        lambda: links.verify("unsubscribe", text, NOW),
        lambda: passwords.account_id(text, NOW),
    )
    for check in checks:
        try:
            check()
        except InvalidInputError:
            continue
        raise RuntimeError(f"accepted {text!r}")
    if list(find_tokens("key", text)):
        raise RuntimeError(f"accepted a return path in {text!r}")


def changed_token(token: str, data: bytes) -> str:
    """A token with one character changed for each pair of octets: the first says which, the second to what."""
    characters = list(token)
    for place, value in zip(data[::2], data[1::2], strict=False):
        characters[place % len(characters)] = chr(value)
    changed = "".join(characters)
    return changed if changed != token else f"{token}0"


def read_webhook(data: bytes) -> None:
    """Parse events of each provider, and check signatures that are made of them."""
    value = provider_events.parse_or_keep(data)
    for event in value if isinstance(value, list) else [value]:
        if isinstance(event, dict):
            _read_event(event)


def _read_event(event: dict[str, object]) -> None:
    for parse in PARSERS:
        try:
            parse(event)
        except DatelineError:
            continue
    text = json.dumps(event)
    headers = Headers([("X-Dateline-Timestamp", text[:99]), ("X-Dateline-Signature", text[:99])])
    for check in (
        lambda: signatures.check_mailgun("key", event, event, NOW),
        lambda: signatures.check_generic("key", text.encode(), headers, NOW),
        lambda: signatures.check_sns(event, b"no certificate", NOW),
        lambda: signatures.sns_certificate_url(event),
        lambda: signatures.sns_subscribe_url(event),
    ):
        try:
            check()
        except DatelineError:
            continue


READERS = {
    "bounces": read_bounce,
    "webhooks": read_webhook,
    "feeds": read_feed,
    "pages": read_page,
    "tokens": read_token,
}


def main() -> None:
    """Run until an input fails, or until libFuzzer's own options end it."""
    target, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], READERS[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

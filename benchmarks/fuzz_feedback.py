"""Feeds the readers of bounces or webhooks with inputs that atheris mutates, and fails at what they must not do.

A mail must be read without an exception and within MAX_CPU_SECONDS. The events and signatures of webhooks may only be
refused. Needs `pip install atheris`, which is not among the requirements.

Example: python -m benchmarks.fuzz_feedback bounces -max_total_time=600 -max_len=300000
"""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import atheris
from werkzeug.datastructures import Headers

with atheris.instrument_imports(include=["digest.feedback"]):
    from digest.errors import DatelineError
    from digest.feedback.pure import provider_events, signatures
    from digest.feedback.pure.classification import classify_mail
    from digest.feedback.pure.refusal_kinds import classify_refusal

MAILS = Path(__file__).resolve().parent.parent / "tests" / "feedback" / "mails"
MAX_CPU_SECONDS = 0.5
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PARSERS = (
    provider_events.parse_ses,
    provider_events.parse_postmark,
    provider_events.parse_sendgrid,
    provider_events.parse_mailgun,
    provider_events.parse_generic,
)


def read_bounce(data: bytes) -> None:
    """Read a mail, and the same octets as an answer of a mail server."""
    started = time.process_time()
    classify_mail(data)
    classify_refusal(data.decode("utf-8", "replace"))
    taken = time.process_time() - started
    if taken > MAX_CPU_SECONDS:
        raise RuntimeError(f"{taken:.2f} s for {len(data)} octets")


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


def main() -> None:
    """Run until an input fails, or until libFuzzer's own options end it."""
    target, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], {"bounces": read_bounce, "webhooks": read_webhook}[target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()

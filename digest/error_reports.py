"""Reports of unexpected errors to Sentry, or to a server that speaks its protocol: only with SENTRY_DSN.

Reports have no addresses and no links: no local variables, no bodies, no addresses of requests, and nothing in
an error's text that looks like an address.
"""

import re
from typing import Any

from digest.errors import SettingsError
from digest.settings import Settings

ADDRESS = re.compile(r"[^\s<>\"']+@[^\s<>\"']+")
LINK = re.compile(r"https?://\S+")
HIDDEN = "…"


def start_reporting(settings: Settings) -> None:
    """Report the unexpected errors of this process from now on, if SENTRY_DSN is set. Raises SettingsError."""
    if not settings.sentry_dsn:
        return
    try:
        import sentry_sdk
    except ImportError as error:
        raise SettingsError("SENTRY_DSN: needs sentry-sdk (pip install 'dateline[sentry]')") from error
    try:
        sentry_sdk.init(
            dsn=settings.sentry_dsn,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,  # file and line say enough
            max_request_body_size="never",
            before_send=_without_secrets,
            before_breadcrumb=lambda _crumb, _hint: None,
        )
    except sentry_sdk.utils.BadDsn as error:
        raise SettingsError(f"SENTRY_DSN: {error} (example: https://key@sentry.example.org/1)") from error


def _without_secrets(event: Any, _hint: dict[str, Any]) -> Any:
    """The event without what may identify a reader or open a page."""
    method = (event.pop("request", None) or {}).get("method")
    event["tags"] = {**event.get("tags", {}), **({"method": method} if method else {})}
    event.pop("user", None)
    event.pop("extra", None)  # arguments of tasks
    event.pop("breadcrumbs", None)
    for value in (event.get("exception") or {}).get("values", []):
        value["value"] = hide_secrets(str(value.get("value", "")))
    entry = event.get("logentry")
    if entry:
        event["logentry"] = {"message": hide_secrets(str(entry.get("formatted") or entry.get("message", "")))}
    return event


def hide_secrets(text: str) -> str:
    """A text without addresses and links.

    >>> hide_secrets("no ann@example.org at https://news.example.org/u/abc")
    'no … at …'
    """
    return LINK.sub(HIDDEN, ADDRESS.sub(HIDDEN, text))

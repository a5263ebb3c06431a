"""How often somebody may post to pages that send mail or check a password, and how often a token may ask the API."""

import logging
import re
from typing import cast

from flask import Flask, Response, request
from flask.typing import RouteCallable
from flask_limiter import Limiter

from digest import broker, clock
from digest.api.v1 import rate_limits
from digest.networks import narrow_network, wide_network
from digest.settings import Settings

# How often one network (/64 of IPv6, /32 of IPv4) may post to pages that send mail or check a password.
RATE_LIMITS = {
    "web.join_post": "20/minute;200/hour",
    "v1.sign_up": "20/minute;200/hour",
    "web.link_post": "10/minute;60/hour",
    "web.owner_post": "10/minute;60/hour",
    "web.embed_post": "20/minute;200/hour",
    "web.sample": "30/minute;300/hour",
    "web.address_post": "10/minute;60/hour",
    "web.preferences_post": "30/minute;300/hour",
    "web.unsubscribe_reason": "10/minute;60/hour",
    "admin.sign_in": "10/minute;60/hour",
    "admin.second_step": "10/minute;60/hour",
    "admin.confirm_identity": "10/minute;60/hour",
    "admin.password": "10/minute;60/hour",
    "admin.choose_password": "10/minute;60/hour",
    "admin.forgotten": "5/minute;20/hour",
}

# A wide network (/48 of IPv6, /24 of IPv4) may post this many times as often: one person may have all its addresses.
WIDE_FACTOR = 10


def limit_requests(app: Flask, settings: Settings) -> None:
    """Limit how often a network, or a token of the API, may ask.

    The broker counts for all processes; while it does not answer, each counts alone.
    """
    limiter = Limiter(
        lambda: narrow_network(request.remote_addr),
        app=app,
        storage_uri=broker.rate_limit_url(settings),
        storage_options={"socket_connect_timeout": 1, "socket_timeout": 1},
        in_memory_fallback_enabled=True,
        # When several threads notice together that the broker does not answer, the first begins to count in memory;
        # the requests of the others would end as errors of ours.
        swallow_errors=True,
        key_prefix="dateline",
    )
    views = app.view_functions
    for endpoint, rates in RATE_LIMITS.items():
        view = limiter.limit(rates, methods=["POST"])(views[endpoint])
        wide = limiter.limit(_times(rates, WIDE_FACTOR), key_func=_wide_network, methods=["POST"])
        views[endpoint] = cast("RouteCallable", wide(view))
    rate_limits.limit_tokens(app, limiter, settings.api_rate)
    logging.getLogger("flask-limiter").setLevel(logging.ERROR)

    @app.after_request
    def add_retry_after(response: Response) -> Response:
        """Add Retry-After to refusals only; Flask-Limiter's own headers would be on all other answers too."""
        limit = limiter.current_limit
        if limit is not None and limit.breached:
            seconds = int(limit.reset_at - clock.now().timestamp())  # reset_at is rounded up already
            response.headers["Retry-After"] = str(max(seconds, 1))
        return response


def _wide_network() -> str:
    return wide_network(request.remote_addr)


def _times(rates: str, factor: int) -> str:
    """Rates that are higher by a factor.

    >>> _times("20/minute;200/hour", 10)
    '200/minute;2000/hour'
    """
    return re.sub(r"\d+(?=/)", lambda number: str(factor * int(number[0])), rates)

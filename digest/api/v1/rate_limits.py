"""How often a token may be used, and how often a network may try one; the answers say how much is left."""

import hashlib
import math

from flask import Flask, Response, request
from flask_limiter import Limiter

from digest import clock
from digest.api.v1.blueprint import bp
from digest.networks import narrow_network

# Attempts of one network without a token that works. Nobody guesses a token; this spares the database the attempts.
FAILURES = "60/minute"
TOKEN_SCOPE = "api token"  # noqa: S105  -- the name of a limit


def limit_tokens(app: Flask, limiter: Limiter, per_minute: int) -> None:
    """Limit the requests of each token, and of each network the requests that no token opens."""
    limiter.shared_limit(f"{per_minute}/minute", scope=TOKEN_SCOPE, key_func=_token_key)(bp)
    limiter.shared_limit(
        FAILURES,
        scope="api failures",
        key_func=_network,
        deduct_when=lambda response: response.status_code == 401,
    )(bp)

    def add_headers(response: Response) -> Response:
        """Say what the limit is, and what is left of it (RateLimit header fields for HTTP)."""
        limit = next((each for each in limiter.current_limits if TOKEN_SCOPE in each.request_args), None)
        if limit is not None:
            seconds = max(math.ceil(limit.reset_at - clock.now().timestamp()), 0)
            response.headers["RateLimit-Policy"] = f'"token";q={per_minute};w=60'
            response.headers["RateLimit"] = f'"token";r={limit.remaining};t={seconds}'
        return response

    app.after_request_funcs.setdefault(bp.name, []).append(add_headers)


def _token_key() -> str:
    """What stands for the token of a request, however its header is written, before anybody knows whether it works."""
    token = request.authorization.token if request.authorization else None
    return hashlib.sha256(token.encode()).hexdigest()[:32] if token else f"none {_network()}"


def _network() -> str:
    return narrow_network(request.remote_addr)

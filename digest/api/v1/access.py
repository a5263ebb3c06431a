"""Who may use an operation: the program whose token the request carries, if the token has the operation's scope.

A session of the newsroom opens nothing here, and no cookie is read or set: so no other site can make a browser act.
"""

from typing import cast

from flask import Response, abort, g, request

from digest.accounts import api_tokens
from digest.accounts.api_tokens import TokenHolder, TokenRefusedError, WrongNetworkError
from digest.accounts.audit import record_security_event
from digest.accounts.states import Scope, SecurityEvent
from digest.api.v1.blueprint import bp
from digest.parts import parts
from digest.problem_details import problem_response
from digest.route_access import ACCESS

CHALLENGE = 'Bearer realm="dateline"'


def token_holder() -> TokenHolder:
    """The program that sent this request."""
    return cast("TokenHolder", g.token_holder)


@bp.before_request
def check_token() -> Response | None:
    """Refuse a request whose token is missing, wrong or too narrow."""
    access = ACCESS.get(request.endpoint or "")
    if access is None:
        abort(403)
    if access.scope is None or request.method == "OPTIONS":
        return None
    authorization = request.authorization
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        detail = "Send a token as `Authorization: Bearer …`; admins make tokens in the newsroom."
        return problem_response(401, detail, headers={"WWW-Authenticate": CHALLENGE})
    p = parts()
    try:
        holder = api_tokens.find_holder(p.db, authorization.token, address=request.remote_addr, now=p.clock())
    except TokenRefusedError as error:
        challenge = f'{CHALLENGE}, error="invalid_token"'
        return problem_response(401, str(error), headers={"WWW-Authenticate": challenge})
    except WrongNetworkError as error:
        return problem_response(403, str(error))
    g.token_holder = holder
    return None if access.scope in holder.scopes else _refuse_scope(holder, access.scope)


def _refuse_scope(holder: TokenHolder, scope: Scope) -> Response:
    p = parts()
    target = f"{request.method} {request.path}"
    with p.db.begin() as tx:
        record_security_event(tx, holder.actor(), SecurityEvent.ACCESS_DENIED, target, now=p.clock())
    challenge = f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'
    detail = f'The token "{holder.name}" lacks the scope {scope}, which this operation needs.'
    return problem_response(403, detail, headers={"WWW-Authenticate": challenge})

"""Sign-in by an OpenID Connect provider, with Authlib: authorization code, PKCE, state and nonce."""

from datetime import datetime
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from digest.accounts import external_sign_in
from digest.accounts.external_sign_in import RoleRules
from digest.accounts.states import Role
from digest.admin import identity, sessions
from digest.admin.blueprint import bp
from digest.admin.redirects import local_path, nearest_page
from digest.admin.sessions import RECENT
from digest.admin.sign_in import finish
from digest.errors import InvalidInputError, UnavailableError
from digest.parts import parts
from digest.settings import Settings

EXTENSION_KEY = "dateline.oidc"
TIMEOUT = 10  # seconds for each request to the provider
NEXT = "oidc_next"


def register(app: Flask, settings: Settings) -> None:
    """Add the client of the provider, if one is configured."""
    if not settings.oidc_issuer:
        return
    oauth = OAuth(app)
    app.extensions[EXTENSION_KEY] = oauth.register(
        "provider",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=f"{settings.oidc_issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": settings.oidc_scopes,
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT,
        },
    )


@bp.get("/sign-in/provider")
def oidc_start() -> ResponseReturnValue:
    """Go to the provider. With ?again=1 it must ask for the person's credentials even if they are signed in there."""
    client = _client()
    next_page = nearest_page(local_path(request.args.get("next")))
    asked = {"prompt": "login", "max_age": "0"} if request.args.get("again") else {}
    try:
        response: ResponseReturnValue = client.authorize_redirect(_return_url(), **asked)
    except (RequestException, OAuthError, ValueError) as error:
        raise UnavailableError(f"the sign-in service does not answer: {error}") from error
    session[NEXT] = next_page or ""
    return response


@bp.get("/sign-in/provider/return")
def oidc_return() -> ResponseReturnValue:
    """The provider sends the person back here."""
    p, client, next_page = parts(), _client(), session.get(NEXT)
    try:
        claims = _verified_claims(client)
        network = sessions.origin_of().network
        account = external_sign_in.sign_in(p.db, _role_rules(), claims, network=network, now=p.clock())
    except (OAuthError, JoseError, KeyError, ValueError, InvalidInputError) as error:
        text = (
            error
            if isinstance(error, InvalidInputError)
            else _("The sign-in service refused. Please try again.")
        )
        current_app.logger.warning("OpenID Connect: %s", error)
        flash(str(text), "error")
        return redirect(url_for("admin.sign_in"))
    except RequestException as error:
        raise UnavailableError(f"the sign-in service does not answer: {error}") from error
    is_fresh = _is_fresh(claims, p.clock())
    return finish(account, identity.PROVIDER, next_page or None, confirmed=is_fresh)


def _verified_claims(client: Any) -> dict[str, Any]:
    """The claims of the ID token, whose signature, issuer, audience, time and nonce Authlib has checked."""
    token = client.authorize_access_token()
    claims, settings = dict(token["userinfo"]), parts().settings
    if str(claims["iss"]).rstrip("/") != settings.oidc_issuer:  # the metadata could name another issuer
        raise ValueError("the issuer is another one")
    if settings.oidc_role_claim not in claims or "email" not in claims:
        more = dict(client.userinfo(token=token))
        if more.get("sub") == claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
            claims = {**more, **claims}
    return claims


def _is_fresh(claims: dict[str, Any], now: datetime) -> bool:
    """Whether the provider says that the person has just signed in there (`auth_time`, OpenID Connect Core 1.0)."""
    signed_in_at = claims.get("auth_time")
    return isinstance(signed_in_at, int | float) and now.timestamp() - signed_in_at <= RECENT.total_seconds()


def _role_rules() -> RoleRules:
    settings = parts().settings
    return RoleRules(settings.oidc_role_claim, {value: Role(role) for value, role in settings.oidc_roles})


def _return_url() -> str:
    return parts().settings.base_url.rstrip("/") + url_for("admin.oidc_return")


def _client() -> Any:
    client = current_app.extensions.get(EXTENSION_KEY)
    if client is None:
        abort(404)
    return client

"""Sign-in by an OpenID Connect provider."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from digest.accounts import external_sign_in
from digest.accounts.external_sign_in import RoleRules
from digest.accounts.states import Role
from digest.admin import identity, sessions
from digest.admin.blueprint import bp
from digest.admin.redirects import local_path, nearest_page
from digest.admin.sessions import RECENT
from digest.admin.sign_in import finish
from digest.errors import InvalidInputError
from digest.parts import parts
from digest.settings import Settings

if TYPE_CHECKING:
    from digest.admin.oidc_client import ProviderClient

EXTENSION_KEY = "dateline.oidc"
NEXT = "oidc_next"


def register(app: Flask, settings: Settings) -> None:
    """Add the client of the provider, if one is configured."""
    if not settings.oidc_issuer:
        return
    from digest.admin.oidc_client import ProviderClient  # with Authlib and requests

    app.extensions[EXTENSION_KEY] = ProviderClient(app, settings)


@bp.get("/sign-in/provider")
def oidc_start() -> ResponseReturnValue:
    """Go to the provider. With ?again=1 it must ask for the person's credentials even if they are signed in there."""
    client = _client()
    next_page = nearest_page(local_path(request.args.get("next")))
    response = client.redirect_there(_return_url(), again=bool(request.args.get("again")))
    session[NEXT] = next_page or ""
    return response


@bp.get("/sign-in/provider/return")
def oidc_return() -> ResponseReturnValue:
    """The provider sends the person back here."""
    p, client, next_page = parts(), _client(), session.get(NEXT)
    try:
        claims = client.verified_claims()
        network = sessions.origin_of().network
        account = external_sign_in.sign_in(p.db, _role_rules(), claims, network=network, now=p.clock())
    except (KeyError, ValueError, InvalidInputError) as error:
        text = (
            error
            if isinstance(error, InvalidInputError)
            else _("The sign-in service refused. Please try again.")
        )
        current_app.logger.warning("OpenID Connect: %s", error)
        flash(str(text), "error")
        return redirect(url_for("admin.sign_in"))
    is_fresh = _is_fresh(claims, p.clock())
    return finish(account, identity.PROVIDER, next_page or None, confirmed=is_fresh)


def _is_fresh(claims: dict[str, Any], now: datetime) -> bool:
    """Whether the provider says that the person has just signed in there (`auth_time`, OpenID Connect Core 1.0)."""
    signed_in_at = claims.get("auth_time")
    return isinstance(signed_in_at, int | float) and now.timestamp() - signed_in_at <= RECENT.total_seconds()


def _role_rules() -> RoleRules:
    settings = parts().settings
    return RoleRules(settings.oidc_role_claim, {value: Role(role) for value, role in settings.oidc_roles})


def _return_url() -> str:
    return parts().settings.base_url.rstrip("/") + url_for("admin.oidc_return")


def _client() -> "ProviderClient":
    client: ProviderClient | None = current_app.extensions.get(EXTENSION_KEY)
    if client is None:
        abort(404)
    return client

"""The client of an OpenID Connect provider, by Authlib: authorization code, PKCE, state and nonce.

Imported only where a provider is configured: Authlib and requests take 0.2 s.
"""

from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask
from flask.typing import ResponseReturnValue
from joserfc.errors import JoseError
from requests.exceptions import RequestException

from digest.errors import UnavailableError
from digest.settings import Settings

TIMEOUT = 10  # seconds for each request to the provider
AGAIN = {
    "prompt": "login",
    "max_age": "0",
}  # the provider asks for credentials, even of somebody signed in there


class ProviderClient:
    """What the newsroom asks the provider."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._issuer, self._role_claim = settings.oidc_issuer, settings.oidc_role_claim
        self._client: Any = OAuth(app).register(
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

    def redirect_there(self, return_url: str, *, again: bool) -> ResponseReturnValue:
        """The way to the provider, which sends the person back to `return_url`. Raises UnavailableError."""
        try:
            response: ResponseReturnValue = self._client.authorize_redirect(
                return_url, **(AGAIN if again else {})
            )
        except (RequestException, OAuthError, ValueError) as error:
            raise UnavailableError(f"the sign-in service does not answer: {error}") from error
        return response

    def verified_claims(self) -> dict[str, Any]:
        """The claims of the ID token, whose signature, issuer, audience, time and nonce Authlib has checked.

        Raises KeyError or ValueError if the provider refuses or its answer does not hold, and UnavailableError.
        """
        try:
            return self._verified_claims()
        except RequestException as error:
            raise UnavailableError(f"the sign-in service does not answer: {error}") from error
        except (OAuthError, JoseError) as error:
            raise ValueError(str(error)) from error

    def _verified_claims(self) -> dict[str, Any]:
        token = self._client.authorize_access_token()
        claims = dict(token["userinfo"])
        if str(claims["iss"]).rstrip("/") != self._issuer:  # the metadata could name another issuer
            raise ValueError("the issuer is another one")
        if self._role_claim not in claims or "email" not in claims:
            more = dict(self._client.userinfo(token=token))
            if more.get("sub") == claims["sub"]:  # OpenID Connect Core 1.0, section 5.3.2
                claims = {**more, **claims}
        return claims

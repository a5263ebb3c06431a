"""The token of the request, the health of the site, and its settings, which can only be read."""

from dataclasses import fields
from email.utils import formataddr
from pathlib import Path
from typing import Any

from flask import Response

from digest.api import health
from digest.api.v1.access import token_holder
from digest.api.v1.answers import answer
from digest.api.v1.operations import operation
from digest.api.v1.schemas.site import HealthOut, SettingList, SettingOut, TokenOut
from digest.look import store
from digest.own_addresses import NamedAddress
from digest.parts import parts
from digest.settings import Settings


@operation("GET", "/token", tag="site", answer=TokenOut)
def get_token() -> Response:
    """Get the token of this request.

    What it opens, and until when.
    """
    holder = token_holder()
    return answer(
        TokenOut(
            name=holder.name,
            scopes=sorted(holder.scopes),
            networks=list(holder.allowed_networks),
            expires_at=holder.expires_at,
        )
    )


@operation("GET", "/health", tag="site", answer=HealthOut)
def get_health() -> Response:
    """Check database, schema and broker.

    As `/readyz`, always with what is wrong.
    """
    problems = health.problems()
    status = "unavailable" if any(problems.values()) else "ok"
    return answer(HealthOut(status=status, checks={name: text or "ok" for name, text in problems.items()}))


@operation("GET", "/settings", tag="site", answer=SettingList)
def list_settings() -> Response:
    """List settings.

    They are read from the environment when the program starts; `look` is what the newsroom saved over the name of the
    site and other words. Secrets are not shown.
    """
    p = parts()
    look = store.definition(p.looks.current(p.db))
    return answer(SettingList(data=[_setting(p.settings, field) for field in fields(Settings)], look=look))


def _setting(settings: Settings, field: Any) -> SettingOut:
    value, secret = getattr(settings, field.name), field.metadata["secret"]
    return SettingOut(
        name=field.metadata["name"],
        description=field.metadata["description"],
        value=None if secret else _plain(value),
        secret=secret,
        is_set=value != field.default,
    )


def _plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, NamedAddress):
        return formataddr((value.name, value.address))
    if isinstance(value, frozenset):
        return sorted(value)
    return str(value) if isinstance(value, Path) else value

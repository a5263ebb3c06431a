"""The models of figures, settings, health and tokens."""

from datetime import datetime
from typing import Any

from pydantic import Field

from digest.accounts.states import Scope
from digest.api.v1.answers import Query
from digest.api.v1.schemas.base import Answer


class CountsQuery(Query):
    """For how long the articles are counted."""

    hours: int = Field(24, ge=1, le=744)


class Counts(Answer):
    """How many articles and subscribers there are."""

    hours: int
    articles: int
    articles_by_source: dict[str, int] = Field(description="By id of the source.")
    subscribers_by_state: dict[str, int]


class SettingOut(Answer):
    """A setting of the site. What is secret is not shown."""

    name: str
    description: str
    value: Any = Field(description="null for a secret.")
    secret: bool
    is_set: bool = Field(description="Whether it differs from its default.")


class SettingList(Answer):
    """All settings, and what the newsroom has saved over some of them."""

    data: list[SettingOut]
    look: dict[str, Any] = Field(
        description="What was saved as the look of the site: words by language (`all` where a language has none), "
        "colours, masthead, the key of the logo, and `heads`: the masthead and logo of languages with their own."
    )


class HealthOut(Answer):
    """Whether the parts of the site answer: "ok", or what is wrong with one and how to mend it."""

    status: str
    checks: dict[str, str]


class TokenOut(Answer):
    """The token of the request."""

    name: str
    scopes: list[Scope] = Field(description="With those that they include.")
    networks: list[str]
    expires_at: datetime | None

"""The settings of the API, as a part of `Settings`."""

from dataclasses import dataclass

from digest import setting_values
from digest.setting_values import integer_between, setting


@dataclass(frozen=True)
class ApiSettings:
    """How much programs may ask, and which sites may sign people up."""

    api_rate: int = setting(
        "API_RATE",
        "Requests that each token may send to the API in a minute",
        integer_between(1, 1_000_000),
        default=600,
    )
    sign_up_origins: frozenset[str] = setting(
        "SIGN_UP_ORIGINS",
        "Other sites whose pages may sign people up, comma-separated: https://www.example.org",
        setting_values.web_origins,
        default=frozenset(),
    )

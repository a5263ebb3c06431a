"""The settings of accounts and their sessions, as a part of `Settings`."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from digest import setting_values
from digest.own_addresses import LOCAL_HOSTS
from digest.setting_values import integer_between, one_of, setting

NOBODY = "nobody"
ROLE_NAMES = ("viewer", "editor", "manager", "admin")  # those of `accounts.states.Role`; a test compares them


@dataclass(frozen=True)
class AccountSettings:
    """How people sign in, and how long they stay signed in."""

    admin_email: str = setting(
        "ADMIN_EMAIL",
        "Address of the first account, which `dateline up` creates",
        default="admin@dateline.example",
    )
    second_factor_from: str = setting(
        "SECOND_FACTOR_FROM",
        "Lowest role that must have a second factor: viewer, editor, manager, admin or nobody; "
        "unset: admin, on a local site nobody",
        one_of(NOBODY, *ROLE_NAMES),
        default="",
    )
    session_idle_minutes: int = setting(
        "SESSION_IDLE_MINUTES",
        "Minutes without a request after which one must prove again who one is",
        integer_between(5, 1440),
        default=60,
    )
    session_hours: int = setting(
        "SESSION_HOURS", "Hours after which one must sign in again", integer_between(1, 168), default=12
    )
    oidc_issuer: str = setting(
        "OIDC_ISSUER",
        "Issuer of an OpenID Connect provider, by which people can sign in",
        setting_values.https_url,
        default="",
    )
    oidc_client_id: str = setting("OIDC_CLIENT_ID", "The client ID of this site at the provider", default="")
    oidc_client_secret: str = setting(
        "OIDC_CLIENT_SECRET", "The client secret of this site at the provider", default="", secret=True
    )
    oidc_name: str = setting(
        "OIDC_NAME", "Name of the provider on the sign-in page", default="single sign-on"
    )
    oidc_scopes: str = setting(
        "OIDC_SCOPES", "Scopes that are asked for, separated by spaces", default="openid email profile"
    )
    oidc_role_claim: str = setting(
        "OIDC_ROLE_CLAIM", "Claim that has somebody's groups or roles, a text or a list", default="groups"
    )
    oidc_roles: tuple[tuple[str, str], ...] = setting(
        "OIDC_ROLES",
        "Role for each value of the claim: newsroom=editor,it=admin; people without one can't sign in",
        setting_values.named_values(ROLE_NAMES, "newsroom=editor,it=admin"),
        default=(),
    )

    def lowest_role_with_second_factor(self, base_url: str) -> str:
        """The lowest role that must have a second factor; "" if none must."""
        is_local = urlsplit(base_url).hostname in LOCAL_HOSTS
        chosen = self.second_factor_from or (NOBODY if is_local else "admin")
        return "" if chosen == NOBODY else chosen

    def _oidc_problem(self) -> str:
        """What the settings of the provider lack; "" if they are complete or all unset."""
        needed = {
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
            "OIDC_ROLES": self.oidc_roles,
        }
        missing = [name for name, value in needed.items() if not value]
        if self.oidc_issuer and missing:
            return f"needs {' and '.join(missing)} too (example: OIDC_ROLES=newsroom=editor,it=admin)"
        return ""

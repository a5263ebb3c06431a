"""Sign-in by an OpenID Connect provider: which account somebody gets, and with which role.

The provider is the operator's own, so its word counts: on who somebody is, on whether an address is theirs, and on
their role. Whether it asks for a second factor is its own affair.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.accounts import authentication
from digest.accounts.audit import Actor, Change, record_security_event
from digest.accounts.models import Account
from digest.accounts.states import AccountState, Face, Role, SecurityEvent
from digest.accounts.store import accounts as store
from digest.database import Database, Tx, lock_for_transaction
from digest.errors import InvalidInputError, NewsroomText

MAX_SUBJECT_LENGTH = 255  # characters; OpenID Connect Core 1.0, section 2


@dataclass(frozen=True, slots=True)
class RoleRules:
    """Which value of which claim gives which role."""

    claim: str
    roles: Mapping[str, Role]

    def role_of(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that the claims give; None if they give none. The claim is a text or a list of texts."""
        values = claims.get(self.claim)
        texts = [values] if isinstance(values, str) else values if isinstance(values, list) else []
        given = {self.roles[text] for text in texts if isinstance(text, str) and text in self.roles}
        return max(given, key=tuple(Role).index, default=None)


def sign_in(
    db: Database, rules: RoleRules, claims: Mapping[str, Any], *, network: str, now: datetime
) -> Account:
    """The account of a person, after the provider's ID token was verified. It is made at the first sign-in.

    Raises InvalidInputError if the person has no role here, no verified address, or a closed account.
    """
    external_id, role = _external_id(claims), rules.role_of(claims)
    email = str(claims.get("email", "")) if claims.get("email_verified") is True else ""
    with db.begin() as tx:
        lock_for_transaction(tx, "accounts")
        account = store.find_by_external_id(tx, external_id)
        account = account or (store.find_by_email(tx, email) if email else None)
        if role is not None and account is None:
            account = _add(tx, email, role, Actor(email or external_id, Face.NEWSROOM, network), now)
        is_refused = role is None or account is None or account.state is not AccountState.ACTIVE
        if account is not None and is_refused:
            account.session_key = secrets.token_hex(8)  # the sessions of somebody who lost their role end
        elif account is not None and role is not None:
            _link(account, external_id)
            _follow_role(tx, account, role, network, now)
    if account is None or is_refused:
        raise InvalidInputError(
            NewsroomText("You have no role here. Ask an admin of this site, or of your sign-in service.")
        )
    return account


def _link(account: Account, external_id: str) -> None:
    if account.external_id not in (None, external_id):
        raise InvalidInputError(
            NewsroomText("This address belongs to another person at the sign-in service. Ask an admin.")
        )
    account.external_id = external_id


def _external_id(claims: Mapping[str, Any]) -> str:
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    if not issuer or not subject or len(subject) > MAX_SUBJECT_LENGTH:
        raise InvalidInputError(NewsroomText("The sign-in service did not say who you are."))
    return f"{issuer} {subject}"


def _add(tx: Tx, email: str, role: Role, actor: Actor, now: datetime) -> Account:
    if not email:
        raise InvalidInputError(
            NewsroomText("The sign-in service does not vouch for your e-mail address. Ask its administrator.")
        )
    return authentication.add_account(tx, email, role, "", one_time=False, now=now, actor=actor)


def _follow_role(tx: Tx, account: Account, role: Role, network: str, now: datetime) -> None:
    """Give the account the role that the provider says; the last admin stays one."""
    is_last_admin = account.role is Role.ADMIN and store.count_admins(tx) == 1
    if account.role is role or is_last_admin:
        return
    actor = Actor(account.email, Face.NEWSROOM, network, account.id)
    change = Change(authentication.ACCOUNTS_PAGE, {"role": account.role}, {"role": role})
    account.role = role
    record_security_event(tx, actor, SecurityEvent.ROLE_CHANGED, account.email, now=now, change=change)

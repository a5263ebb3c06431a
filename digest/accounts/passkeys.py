"""Passkeys (WebAuthn Level 3): made and checked by the library `webauthn`, which the first use of a passkey imports.

The server's part of a ceremony is a challenge, which the session carries with the time when it was made. An answer
works once: its challenge must be newer than the last use of the passkey.
"""

import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from digest.accounts import second_factors
from digest.accounts.audit import Actor
from digest.accounts.models import Account, Passkey
from digest.accounts.states import AccountState, SecurityEvent
from digest.accounts.store import accounts
from digest.accounts.store import second_factors as store
from digest.database import Database
from digest.errors import ConflictError, InvalidInputError, NewsroomText

CHALLENGE_LIFETIME = timedelta(minutes=10)
CREDENTIAL_ID = re.compile(r"[\w=-]+", re.ASCII)  # base64url
MAX_ANSWER_LENGTH = 20_000  # characters; an answer without attestation has about 1,000
MAX_NAME_LENGTH = 60
MAX_PASSKEYS = 20  # of one account


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Whom passkeys are for: the host and the origin of the site, and its name."""

    host: str
    origin: str
    name: str

    @classmethod
    def of_site(cls, base_url: str, name: str) -> "RelyingParty":
        """The relying party of a site."""
        url = urlsplit(base_url)
        return cls(url.hostname or "localhost", f"{url.scheme}://{url.netloc}", name)


@dataclass(frozen=True, slots=True)
class Challenge:
    """A random challenge, and when it was made."""

    value: str  # base64url
    made_at: datetime

    @classmethod
    def new(cls, now: datetime) -> "Challenge":
        """A fresh challenge."""
        return cls(secrets.token_urlsafe(32), now)


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a browser has made: its answer as JSON, the challenge of it, and a name for the list."""

    answer: str
    challenge: Challenge
    name: str


def creation_options(
    site: RelyingParty, account: Account, known: list[str], challenge: Challenge
) -> dict[str, Any]:
    """What a browser needs to make a passkey. `known` has the ids of the account's passkeys."""
    from digest.accounts import webauthn_calls

    return webauthn_calls.creation_options(site, f"dateline-{account.id}", account.email, known, challenge)


def request_options(site: RelyingParty, challenge: Challenge) -> dict[str, Any]:
    """What a browser needs to answer with any passkey of this site. It names no account and no passkey."""
    from digest.accounts import webauthn_calls

    return webauthn_calls.request_options(site, challenge)


def add(
    db: Database,
    key: str,
    site: RelyingParty,
    account_id: int,
    new: NewPasskey,
    *,
    actor: Actor,
    now: datetime,
) -> list[str]:
    """Store a new passkey; returns recovery codes if the account has none. Raises InvalidInputError."""
    from digest.accounts import webauthn_calls

    _check_age(new.challenge, now)
    try:
        made = webauthn_calls.verify_new(site, _parse(new.answer), new.challenge)
    except ValueError as error:
        raise InvalidInputError(NewsroomText("The passkey could not be added. Please try again.")) from error
    with db.begin() as tx:
        if store.find_passkey(tx, made.credential_id) is not None:
            raise ConflictError(NewsroomText("This passkey is known already."))
        if len(store.passkeys_of(tx, account_id)) >= MAX_PASSKEYS:
            raise ConflictError(
                NewsroomText(
                    "An account can have %(max_passkeys)s passkeys; remove one first.",
                    max_passkeys=MAX_PASSKEYS,
                )
            )
        tx.add(Passkey(
            account_id=account_id, credential_id=made.credential_id, public_key=made.public_key,
            sign_count=made.sign_count, name=new.name[:MAX_NAME_LENGTH] or "Passkey", created_at=now,
        ))  # fmt: skip
        second_factors.record_change(
            tx, account_id, SecurityEvent.SECOND_FACTOR_ADDED, f"passkey {new.name}", actor=actor, now=now
        )
        return second_factors.first_recovery_codes(tx, key, account_id)


def check(
    db: Database, site: RelyingParty, answer: str, *, challenge: Challenge, now: datetime
) -> Account | None:
    """The active account whose passkey gave this answer; None if there is none or the answer is wrong."""
    from digest.accounts import webauthn_calls

    try:
        _check_age(challenge, now)
        credential = _parse(answer)
        credential_id = str(credential.get("id", ""))
        if not CREDENTIAL_ID.fullmatch(credential_id):  # PostgreSQL takes no NUL, for example
            return None
        with db.read() as tx:
            passkey = store.find_passkey(tx, credential_id)
        if passkey is None:
            return None
        sign_count = webauthn_calls.verify_use(site, credential, challenge, passkey)
    except (ValueError, InvalidInputError):
        return None
    with db.begin() as tx:
        account = accounts.by_id(tx, passkey.account_id)
        is_first_use = store.use_passkey(
            tx, passkey.id, challenged_at=challenge.made_at, sign_count=sign_count, now=now
        )
        return account if is_first_use and account.state is AccountState.ACTIVE else None


def remove(db: Database, account_id: int, passkey_id: int, *, actor: Actor, now: datetime) -> str:
    """Remove a passkey of an account; returns its name. Raises InvalidInputError if the account has no such one."""
    with db.begin() as tx:
        name = store.delete_passkey(tx, account_id, passkey_id)
        if name is None:
            raise InvalidInputError(NewsroomText("This passkey is removed already."))
        second_factors.record_change(
            tx, account_id, SecurityEvent.SECOND_FACTOR_REMOVED, f"passkey {name}", actor=actor, now=now
        )
        return name


def _check_age(challenge: Challenge, now: datetime) -> None:
    if now - challenge.made_at > CHALLENGE_LIFETIME:
        raise InvalidInputError(NewsroomText("The page was open for too long. Please try again."))


def _parse(answer: str) -> dict[str, Any]:
    if len(answer) > MAX_ANSWER_LENGTH:
        raise ValueError("the answer is too long")
    try:
        credential = json.loads(answer)
    except RecursionError:
        raise ValueError("the answer is nested too deeply") from None
    if not isinstance(credential, dict):
        raise ValueError("the answer is no JSON object")  # noqa: TRY004  -- it is data, not a program's mistake
    return credential

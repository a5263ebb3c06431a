"""The session of an account: when it began, when it was used, when its owner last proved who they are.

The session is a signed cookie, so whoever holds it can read it but not change it. It ends after SESSION_HOURS; after
SESSION_IDLE_MINUTES without a request it is locked until its owner proves again who they are.
"""

from datetime import datetime, timedelta
from enum import Enum
from secrets import token_hex
from typing import Any

from flask import Flask, current_app, request, session
from flask_login import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from digest.accounts.attempts import RequestOrigin
from digest.accounts.models import Account
from digest.accounts.passkeys import Challenge
from digest.parts import parts

RECENT = timedelta(minutes=30)  # how long a proof is enough for what can't be undone
SECOND_STEP_TIME = timedelta(minutes=10)  # between the password and the second factor
TOUCH_INTERVAL = timedelta(minutes=1)  # a session is written at most this often only because it is used
DEVICE_LIFETIME = timedelta(days=365)
MAX_ACCOUNTS_OF_DEVICE = 5
STARTED, SEEN, CONFIRMED, METHOD, PENDING, CHALLENGE = (
    "started",
    "seen",
    "confirmed",
    "method",
    "pending",
    "challenge",
)


class SessionAge(Enum):
    """Whether a session may still be used."""

    CURRENT = "current"
    IDLE = "idle"
    ENDED = "ended"


def configure(app: Flask, *, secure: bool) -> None:
    """Set the names and attributes of the cookies. Browsers keep the prefix __Host- from other hosts and from http."""
    prefix = "__Host-" if secure else ""
    app.config.update(
        SESSION_COOKIE_NAME=f"{prefix}dateline",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        DEVICE_COOKIE_NAME=f"{prefix}dateline-device",
    )


def begin(user: Any, method: str, *, confirmed: bool = True) -> None:
    """Begin the session of an account that has just signed in; `method` says in words how.

    `confirmed`: its owner has just proved who they are. A provider may only remember them from earlier.
    """
    session.clear()  # drops data that somebody else may have planted before the sign-in
    login_user(user)
    now = parts().clock().isoformat()
    session.update({STARTED: now, SEEN: now, METHOD: method})
    if confirmed:
        session[CONFIRMED] = now


def age(now: datetime) -> SessionAge:
    """Whether the session is current. One without times is from an earlier version, and has ended."""
    started, seen, settings = _time(STARTED), _time(SEEN), parts().settings
    if started is None or seen is None or now - started > timedelta(hours=settings.session_hours):
        return SessionAge.ENDED
    is_idle = now - seen > timedelta(minutes=settings.session_idle_minutes)
    return SessionAge.IDLE if is_idle else SessionAge.CURRENT


def touch(now: datetime) -> None:
    """Note that the session was used."""
    seen = _time(SEEN)
    if seen is None or now - seen >= TOUCH_INTERVAL:
        session[SEEN] = now.isoformat()


def is_recent(now: datetime) -> bool:
    """Whether the owner proved who they are in the last half hour."""
    confirmed = _time(CONFIRMED)
    return confirmed is not None and now - confirmed <= RECENT


def confirm(now: datetime) -> None:
    """Note that the owner has just proved who they are."""
    session[CONFIRMED] = session[SEEN] = now.isoformat()


def new_challenge() -> Challenge:
    """A challenge for a passkey, which the session keeps until it is used."""
    challenge = Challenge.new(parts().clock())
    session[CHALLENGE] = [challenge.value, challenge.made_at.isoformat()]
    return challenge


def take_challenge() -> Challenge | None:
    """The challenge that the session keeps; it is gone afterwards."""
    kept = session.pop(CHALLENGE, None)
    return Challenge(kept[0], datetime.fromisoformat(kept[1])) if kept else None


def begin_second_step(account: Account, next_page: str | None) -> None:
    """Remember whose password was right, until the second factor is checked. Nobody is signed in by that."""
    session.clear()
    now = parts().clock().isoformat()
    session[PENDING] = {"id": account.id, "key": account.session_key, "at": now, "next": next_page or ""}


def pending_step() -> dict[str, Any] | None:
    """The account and the next page of a sign-in that lacks its second factor; None if there is none or it is old."""
    pending: dict[str, Any] | None = session.get(PENDING)
    if pending is None or parts().clock() - datetime.fromisoformat(pending["at"]) > SECOND_STEP_TIME:
        return None
    return pending


def origin_of(account_id: int | None = None) -> RequestOrigin:
    """Where this request comes from; with the device's id if this account signed in on it before."""
    device = _device_cookie()
    known = account_id is not None and account_id in device["accounts"]
    return RequestOrigin(request.remote_addr, device["id"] if known else "")


def remember_device(response: Response, account_id: int) -> None:
    """Set the cookie by which failures of strangers do not delay this device's next sign-in to the account."""
    device = _device_cookie()
    others = [other for other in device["accounts"] if other != account_id]
    value = {
        "id": device["id"] or token_hex(8),
        "accounts": [account_id, *others][:MAX_ACCOUNTS_OF_DEVICE],
    }
    response.set_cookie(
        current_app.config["DEVICE_COOKIE_NAME"],
        _device_serializer().dumps(value),
        max_age=DEVICE_LIFETIME,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _device_cookie() -> dict[str, Any]:
    try:
        cookie = request.cookies.get(current_app.config["DEVICE_COOKIE_NAME"], "")
        value = _device_serializer().loads(cookie)
        return {"id": str(value["id"]), "accounts": list(value["accounts"])}
    except (BadSignature, KeyError, TypeError):
        return {"id": "", "accounts": []}


def _device_serializer() -> URLSafeSerializer:
    return URLSafeSerializer(parts().settings.secret_key, salt="dateline.device")


def _time(name: str) -> datetime | None:
    text = session.get(name)
    return datetime.fromisoformat(text) if text else None

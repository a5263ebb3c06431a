"""The account of the current session, and what it may open: `route_access` declares it, this module enforces it."""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import abort, current_app, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from digest.accounts.audit import Actor, record_security_event
from digest.accounts.models import Account
from digest.accounts.states import AccountState, Face, Role, SecurityEvent
from digest.accounts.store import accounts as store
from digest.admin import identity, sessions
from digest.admin.form_fields import require_readable_form
from digest.admin.sessions import SessionAge
from digest.errors import NotFoundError, UnavailableError
from digest.parts import parts
from digest.route_access import ACCESS, Access

log = logging.getLogger(__name__)
login_manager = LoginManager()
login_manager.login_view = "admin.sign_in"
login_manager.login_message = None
# Pages load these by themselves: nobody need be there.
QUIET_ENDPOINTS = frozenset(("admin.edition_progress",))


@dataclass(frozen=True, eq=False)
class SignedInUser(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account of the current session."""

    account_id: int
    session_key: str
    email: str
    role: Role
    one_time: bool
    zone: str = ""  # in which times are shown; "": UTC
    language: str = ""  # of the pages; "": not settled yet

    @classmethod
    def from_account(cls, account: Account) -> "SignedInUser":
        """The values of an account that a session needs."""
        return cls(
            account_id=account.id,
            session_key=account.session_key,
            email=account.email,
            role=account.role,
            one_time=account.one_time,
            zone=account.zone,
            language=account.language,
        )

    def get_id(self) -> str:
        """The id stored in the session. A new password or a sign-out changes the key, which ends all sessions."""
        return f"{self.account_id}:{self.session_key}"

    def may(self, role: str) -> bool:
        """Whether the account may do what this role may."""
        return self.role.includes(Role(role))

    def actor(self) -> Actor:
        """The account as the one who does something in the newsroom."""
        return Actor(self.email, Face.NEWSROOM, sessions.origin_of().network, self.account_id)


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(session_id: str) -> SignedInUser | None:
    """The account of a session, if it is active, and the session is current and its key still valid.

    Every template asks for the user, even the error page for an unavailable database. Without the database, this
    returns None and stores the error in `g`; `check_access` raises it, except on public pages. The account of an idle
    session is stored in `g` too: its owner is asked for a proof and loses nothing.
    """
    account_id, _, key = session_id.partition(":")
    age = sessions.age(parts().clock())
    if age is SessionAge.ENDED:
        return None
    try:
        with parts().db.read() as tx:
            account = store.by_id(tx, int(account_id))
    except (NotFoundError, ValueError):
        return None
    except UnavailableError as error:
        g.accounts_unavailable = error
        return None
    if account.state != AccountState.ACTIVE or account.session_key != key:
        return None
    user = SignedInUser.from_account(account)
    if age is SessionAge.IDLE:
        g.idle_user = user
        return None
    return user


def check_access() -> ResponseReturnValue | None:
    """Runs before every request: refuses, or leads to the page where what is missing can be done."""
    if request.endpoint is None:
        return None  # there is no such page
    access = ACCESS.get(request.endpoint)
    if access is None:
        log.error("%s has no declaration in route_access.py and is refused", request.endpoint)
        abort(403)
    if request.blueprint == "admin":
        require_readable_form(strict=access.strict)
    if access.scope is not None and request.blueprint != "v1":
        abort(403)  # only that blueprint asks for a token
    if access.role is None:
        return None
    if not current_user.is_authenticated and (answer := _ask_to_sign_in()) is not None:
        return answer
    # Also after the proof of somebody whose session was idle: a proof says who they are, not what they may do.
    return _check_signed_in(access, access.role)


def may_post(url: str) -> bool:
    """Whether the account may send a form to this address of the newsroom; pages leave out the others' buttons."""
    endpoint, _values = current_app.url_map.bind("").match(urlsplit(url).path, method="POST")
    access = ACCESS.get(endpoint)
    return access is not None and (access.role is None or current_user.may(access.role))


def _ask_to_sign_in() -> ResponseReturnValue | None:
    """What somebody gets who is not signed in; None if the request has the proof that an idle session needs."""
    if "accounts_unavailable" in g:
        raise g.accounts_unavailable
    if request.blueprint == "api":
        return _api_refusal()
    if "idle_user" in g and request.method == "POST":
        return identity.require_proof(g.idle_user)
    response: ResponseReturnValue = login_manager.unauthorized()
    return response


def _check_signed_in(access: Access, role: Role) -> ResponseReturnValue | None:
    if not access.before_setup and (missing := _missing_setup()):
        return _api_refusal() if request.blueprint == "api" else redirect(url_for(missing))
    if not current_user.role.includes(role):
        _record_refusal()
        abort(403)
    if access.recent and not sessions.is_recent(parts().clock()):
        return identity.require_proof(current_user)
    if request.endpoint not in QUIET_ENDPOINTS:
        sessions.touch(parts().clock())
    return None


def _missing_setup() -> str:
    """The page on which the account must do something before anything else; "" if there is none."""
    if current_user.one_time:
        return "admin.password"
    settings = parts().settings
    lowest = settings.lowest_role_with_second_factor(settings.base_url)
    has_one_factor = session.get(sessions.METHOD, "") == identity.PASSWORD
    return "admin.own_sign_in" if lowest and has_one_factor and current_user.may(lowest) else ""


def _api_refusal() -> ResponseReturnValue:
    text = "sign in at /admin/sign-in first, and finish setting up your account there"
    return jsonify(error=text), 401


def _record_refusal() -> None:
    p = parts()
    with p.db.begin() as tx:
        actor, target = current_user.actor(), f"{request.method} {request.path}"
        record_security_event(tx, actor, SecurityEvent.ACCESS_DENIED, target, now=p.clock())

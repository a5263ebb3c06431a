"""Who may open which page: accounts that are signed in, have chosen their own password, and have the right role."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from digest.accounts import store
from digest.accounts.models import Account
from digest.accounts.states import AccountState, Role
from digest.errors import NotFoundError, UnavailableError
from digest.parts import parts

PUBLIC_ENDPOINTS = frozenset(("admin.sign_in",))
# With a one-time password, an account can only choose its own password or sign out.
ONE_TIME_PASSWORD_ENDPOINTS = frozenset(("admin.password", "admin.sign_out"))

ViewArgs = ParamSpec("ViewArgs")
ViewResult = TypeVar("ViewResult")
login_manager = LoginManager()
login_manager.login_view = "admin.sign_in"
login_manager.login_message = None


@dataclass(frozen=True, eq=False)
class SignedInUser(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account of the current session."""

    account_id: int
    session_key: str
    email: str
    role: str
    one_time: bool

    @classmethod
    def from_account(cls, account: Account) -> "SignedInUser":
        """The values of an account that a session needs."""
        return cls(account.id, account.session_key, account.email, account.role, account.one_time)

    def get_id(self) -> str:
        """The id stored in the session. A new password or a sign-out changes the key, which ends all sessions."""
        return f"{self.account_id}:{self.session_key}"


@login_manager.user_loader  # type: ignore[untyped-decorator]
def load_user(session_id: str) -> SignedInUser | None:
    """The account of a session, if it is active and the key of the session is still valid.

    Every template asks for the user, even the error page for an unavailable database. Without the database, this
    returns None and stores the error in `g`; `require_sign_in` raises it, except on public pages.
    """
    account_id, _, key = session_id.partition(":")
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
    return SignedInUser.from_account(account)


def require_sign_in() -> Response | None:
    """Runs before every page of the newsroom, and redirects to the sign-in page or the password page if needed."""
    if request.endpoint in PUBLIC_ENDPOINTS:
        return None
    if not current_user.is_authenticated:
        if "accounts_unavailable" in g:
            raise g.accounts_unavailable
        response: Response = login_manager.unauthorized()
        return response
    if current_user.one_time and request.endpoint not in ONE_TIME_PASSWORD_ENDPOINTS:
        return redirect(url_for("admin.password"))
    return None


def role_required(role: Role) -> Callable[[Callable[ViewArgs, ViewResult]], Callable[ViewArgs, ViewResult]]:
    """A decorator of views: accounts without this role get a 403 error page."""

    def decorate(view: Callable[ViewArgs, ViewResult]) -> Callable[ViewArgs, ViewResult]:
        @wraps(view)
        def check_role(*args: ViewArgs.args, **kwargs: ViewArgs.kwargs) -> ViewResult:
            if current_user.role != role:
                abort(403)
            return view(*args, **kwargs)

        return check_role

    return decorate

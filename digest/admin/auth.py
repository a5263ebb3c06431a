"""Who may see which page: signed in, with a password of their own, and in the role that the page asks for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from flask import abort, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from digest.accounts import store
from digest.accounts.authentication import Role
from digest.accounts.models import Account
from digest.errors import NotFoundError, UnavailableError
from digest.parts import parts

OPEN_TO_ALL = frozenset(("admin.sign_in",))
# Where somebody with a one-time password may go: to choose their own, or away.
BEFORE_OWN_PASSWORD = frozenset(("admin.password", "admin.sign_out"))

Args = ParamSpec("Args")
Answer = TypeVar("Answer")
manager = LoginManager()
manager.login_view = "admin.sign_in"
manager.login_message = None


@dataclass(frozen=True, eq=False)
class SignedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """The account of this session."""

    account_id: int
    session_key: str
    email: str
    role: str
    one_time: bool

    @classmethod
    def of(cls, account: Account) -> "SignedIn":
        """The account, as sessions know it."""
        return cls(account.id, account.session_key, account.email, account.role, account.one_time)

    def get_id(self) -> str:
        """What the session carries; a new password or signing out changes the key, and so ends all."""
        return f"{self.account_id}:{self.session_key}"


@manager.user_loader  # type: ignore[untyped-decorator]
def load(session_id: str) -> SignedIn | None:
    """The account that a session was opened for, while it is open and the session's key holds.

    Every template asks for it, that of the page which says that the database is away as well: that one gets nobody,
    and `guard` says so for all other pages.
    """
    number, _, key = session_id.partition(":")
    try:
        with parts().db.read() as tx:
            account = store.by_id(tx, int(number))
    except (NotFoundError, ValueError):
        return None
    except UnavailableError as error:
        g.accounts_unavailable = error
        return None
    return SignedIn.of(account) if account.state == "active" and account.session_key == key else None


def guard() -> Response | None:
    """Before every page of the newsroom: without an entry above, a page is for those who are signed in."""
    if request.endpoint in OPEN_TO_ALL:
        return None
    if not current_user.is_authenticated:
        if "accounts_unavailable" in g:
            raise g.accounts_unavailable
        answer: Response = manager.unauthorized()
        return answer
    if current_user.one_time and request.endpoint not in BEFORE_OWN_PASSWORD:
        return redirect(url_for("admin.password"))
    return None


def role_required(role: Role) -> Callable[[Callable[Args, Answer]], Callable[Args, Answer]]:
    """Let only accounts of a role see a page."""

    def decorate(view: Callable[Args, Answer]) -> Callable[Args, Answer]:
        @wraps(view)
        def checked(*args: Args.args, **kwargs: Args.kwargs) -> Answer:
            if current_user.role != role:
                abort(403)
            return view(*args, **kwargs)

        return checked

    return decorate


def note(action: str, target: object = "") -> None:
    """Add what the signed-in account has just done to the audit trail."""
    p = parts()
    with p.db.begin() as tx:
        store.note(tx, current_user.email, action, str(target), now=p.reader.clock())


def local_path(target: str | None) -> str | None:
    """`target` if it is a path on this site; else None, whatever disguise an address of another site comes in."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(not c.isprintable() or c == "\\" for c in target):
        return None
    found = urlsplit(target)
    return None if found.scheme or found.netloc else target


def back(endpoint: str, **values: Any) -> Response:
    """Back to the page whose button was pressed, if the browser says which of ours; else to `endpoint`.

    A page that was itself the answer to a button can't be asked for: then to the page above it.
    """
    came_from = urlsplit(request.referrer or "")
    path = f"{came_from.path}?{came_from.query}" if came_from.query else came_from.path
    ours = page_or_above(local_path(path)) if came_from.netloc == request.host else None
    return redirect(ours or url_for(endpoint, **values))


def page_or_above(path: str | None) -> str | None:
    """A path of ours if it may be asked for; for one that is only posted to, the page above it."""
    while path and not _is_page(path.partition("?")[0]):
        path = path.partition("?")[0].rpartition("/")[0]
    return path or None


def _is_page(path: str) -> bool:
    """Whether a path may be asked for, and not only posted to."""
    try:
        current_app.url_map.bind("").match(path, method="GET")
    except HTTPException:
        return False
    return True

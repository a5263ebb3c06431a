"""Asks the owner of a session to prove who they are: before what can't be undone, and after a time without requests.

The proof is a passkey or a code of the authenticator app; without these, the password. A form that was sent meanwhile
is carried along as hidden fields, so nothing that was typed is lost.
"""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user

from digest.accounts import passkeys, second_factors, sign_in
from digest.accounts.audit import record_security_event
from digest.accounts.models import Account
from digest.accounts.passkeys import RelyingParty
from digest.accounts.sign_in import MustWait, RightPassword, WrongCredentials
from digest.accounts.states import SecurityEvent
from digest.accounts.store import accounts as store
from digest.admin import sessions
from digest.admin.numbers import ngettext
from digest.admin.redirects import nearest_page
from digest.parts import parts

if TYPE_CHECKING:
    from digest.admin.auth import SignedInUser

PASSWORD = "password"  # noqa: S105  -- the name of a way to sign in
PASSKEY = "passkey"
PROVIDER = "single sign-on"
PROOF_FIELDS = ("proof_password", "proof_code", "proof_passkey")


@dataclass(frozen=True, slots=True)
class Proofs:
    """By what an account can prove who its owner is."""

    code: bool
    passkey: bool
    password: bool
    provider: bool


def relying_party() -> RelyingParty:
    """The site, as passkeys know it."""
    return RelyingParty.of_site(parts().settings.base_url, parts().site_name)


def account_of_passkey(answer: str) -> Account | None:
    """The account whose passkey answered the challenge of this session; None if there is none or it is wrong."""
    challenge = sessions.take_challenge()
    if challenge is None:
        return None
    return passkeys.check(parts().db, relying_party(), answer, challenge=challenge, now=parts().clock())


def wait_text(time: timedelta) -> str:
    """What somebody reads who must wait after too many failures."""
    minutes = math.ceil(time.total_seconds() / 60)
    text: str = ngettext(
        "Too many failed attempts. Try again in %(num)s minute, or on a device on which you signed in before.",
        "Too many failed attempts. Try again in %(num)s minutes, or on a device on which you signed in before.",
        minutes,
    )
    return text


def require_proof(user: "SignedInUser") -> ResponseReturnValue | None:
    """None if the request carries a proof; else the page that asks for one."""
    if request.method != "POST":
        return redirect(url_for("admin.confirm_identity", next=request.full_path.rstrip("?")))
    problem = None
    if any(request.form.get(name) for name in PROOF_FIELDS):
        problem = check_proof(user)
        if problem is None:
            return None
    if any(file.filename for _name, file in request.files.items(multi=True)):  # a page can't carry a file
        return redirect(url_for("admin.confirm_identity", next=nearest_page(request.path)))
    carried = [
        item for item in request.form.items(multi=True) if item[0] not in (*PROOF_FIELDS, "csrf_token")
    ]
    page = render_proof_page(user, action=request.full_path.rstrip("?"), carried=carried, problem=problem)
    return page, 422 if problem else 403


def render_proof_page(
    user: "SignedInUser", *, action: str, carried: list[tuple[str, str]], problem: str | None
) -> str:
    """The page that asks for a proof and then posts `carried` to `action`."""
    proofs = _proofs_of(user)
    options = passkeys.request_options(relying_party(), sessions.new_challenge()) if proofs.passkey else None
    return render_template(
        "admin/confirm_identity.html",
        action=action,
        carried=carried,
        email=user.email,
        problem=problem,
        proofs=proofs,
        passkey_options=options,
        provider=parts().settings.oidc_name,
    )


def check_proof(user: "SignedInUser") -> str | None:
    """Check the proof in the form. None if it holds, and the session is confirmed; else what is wrong with it."""
    p, now = parts(), parts().clock()
    problem = _proof_problem(user)
    if problem is None:
        if not current_user.is_authenticated:  # the session was idle
            login_user(user)
        sessions.confirm(now)
        with p.db.begin() as tx:
            record_security_event(tx, user.actor(), SecurityEvent.IDENTITY_CONFIRMED, now=now)
    return problem


def _proof_problem(user: "SignedInUser") -> str | None:
    p, now, form, origin = parts(), parts().clock(), request.form, sessions.origin_of(user.account_id)
    proofs = _proofs_of(user)
    if answer := form.get("proof_passkey"):
        return None if _is_passkey_of(user, answer) else _("This passkey was not accepted. Please try again.")
    key = p.settings.secret_key
    if proofs.code or proofs.passkey:
        with p.db.read() as tx:
            account = store.by_id(tx, user.account_id)
        code = form.get("proof_code", "")
        result = sign_in.check_code(p.db, key, account, code, origin=origin, now=now)
        return _problem_text(result, _("This code is not right, or it was used already."))
    password = form.get("proof_password", "")
    answer_to_password = sign_in.check_password(p.db, key, user.email, password, origin=origin, now=now)
    return _problem_text(answer_to_password, _("This is not your password."))


def _is_passkey_of(user: "SignedInUser", answer: str) -> bool:
    account = account_of_passkey(answer)
    return account is not None and account.id == user.account_id


def _problem_text(result: str | RightPassword | WrongCredentials | MustWait, wrong: str) -> str | None:
    match result:
        case MustWait(time):
            return wait_text(time)
        case WrongCredentials():
            return wrong
        case _:
            return None


def _proofs_of(user: "SignedInUser") -> Proofs:
    with parts().db.read() as tx:
        account = store.by_id(tx, user.account_id)
        factors = second_factors.load(tx, account)
    has_second = bool(factors)
    return Proofs(
        code=factors.app or (has_second and factors.recovery_codes > 0),
        passkey=bool(factors.passkeys),
        password=bool(account.password_hash) and not has_second,
        provider=account.external_id is not None and not has_second and not account.password_hash,
    )

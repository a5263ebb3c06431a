"""The pages to sign in and out: a password and then a second factor, or a passkey, which is both."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from digest.accounts import authentication, passkeys, second_factors
from digest.accounts import sign_in as signing_in
from digest.accounts.models import Account
from digest.accounts.sign_in import MustWait, RightPassword, WrongCredentials
from digest.accounts.store import accounts as store
from digest.admin import identity, page_languages, sessions
from digest.admin.account_forms import SecondStepForm, SignInForm
from digest.admin.auth import SignedInUser
from digest.admin.blueprint import bp
from digest.admin.identity import wait_text
from digest.admin.redirects import local_path, nearest_page
from digest.admin.texts import translated
from digest.errors import UnavailableError
from digest.parts import parts


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Sign in with address and password, or with a passkey. Every failure gets the same response."""
    form = SignInForm()
    page_languages.keep_choice()
    if not form.is_submitted():
        return _render_sign_in(form)
    if form.passkey.data:
        account = identity.account_of_passkey(form.passkey.data)
        if account is not None:
            return finish(account, identity.PASSKEY, _next_page())
        form.add_error("password", _("This passkey was not accepted. Please try again."))
        return _render_sign_in(form), 422
    if not form.validate():
        form.add_error("password", _("Wrong address or password."))
        return _render_sign_in(form), 422
    return _check_password(form)


@bp.route("/sign-in/second", methods=["GET", "POST"])
def second_step() -> ResponseReturnValue:
    """The second factor of somebody whose password was right."""
    pending, form = sessions.pending_step(), SecondStepForm()
    account = _pending_account(pending) if pending else None
    if pending is None or account is None:
        flash(_("Please sign in again."), "error")
        return redirect(url_for("admin.sign_in"))
    if not form.is_submitted():
        return _render_second_step(form, account)
    method = _second_method(form, account)
    if method is None:
        return _render_second_step(form, account), 422
    return finish(account, f"{identity.PASSWORD}, {method}", pending["next"])


@bp.post("/sign-out")
def sign_out() -> Response:
    """End all sessions of the account, so that copies of this cookie stop working too."""
    p = parts()
    authentication.sign_out(p.db, current_user.account_id, actor=current_user.actor(), now=p.clock())
    language = page_languages.page_language()
    logout_user()
    session.clear()
    session[page_languages.CHOSEN] = language
    flash(_("You are signed out. All sessions of your account are ended."), "success")
    return redirect(url_for("admin.sign_in"))


@bp.route("/confirm", methods=["GET", "POST"])
def confirm_identity() -> ResponseReturnValue:
    """Prove who you are, then go on to the page that asked for it."""
    next_page = nearest_page(local_path(request.args.get("next"))) or url_for("admin.overview")
    problem = None
    if request.method != "POST" and sessions.is_recent(parts().clock()):
        return redirect(next_page)  # proved meanwhile, in another tab or at the provider
    if request.method == "POST":
        problem = identity.check_proof(current_user)
        if problem is None:
            return redirect(next_page)
    page = identity.render_proof_page(
        current_user, action=request.full_path.rstrip("?"), carried=[], problem=problem
    )
    return page, 422 if problem else 200


def finish(account: Account, method: str, next_page: str | None, *, confirmed: bool = True) -> Response:
    """Begin the session of somebody who may sign in, and go to the page that they wanted."""
    p = parts()
    origin = sessions.origin_of(account.id)
    account = signing_in.complete(p.db, account.id, method, origin=origin, now=p.clock())
    account = page_languages.settle(account)
    sessions.begin(SignedInUser.from_account(account), method, confirmed=confirmed)
    response = redirect(next_page or url_for("admin.overview"))
    sessions.remember_device(response, account.id)
    return response


def _check_password(form: SignInForm) -> ResponseReturnValue:
    p = parts()
    email, password = form.email.data or "", form.password.data or ""
    with p.db.read() as tx:
        known = store.find_by_email(tx, email)
    origin = sessions.origin_of(known.id if known else None)
    key = p.settings.secret_key
    try:
        result = signing_in.check_password(p.db, key, email, password, origin=origin, now=p.clock())
    except UnavailableError as error:  # too many sign-ins at once, or no database: what was typed stays
        form.add_error("password", translated(error))
        return _render_sign_in(form), 503
    match result:
        case RightPassword(account, second_factor=True):
            sessions.begin_second_step(account, _next_page())
            return redirect(url_for("admin.second_step"))
        case RightPassword(account, second_factor=False):
            return finish(account, identity.PASSWORD, _next_page())
        case MustWait(time):
            form.add_error("password", wait_text(time))
            headers = {"Retry-After": str(max(1, int(time.total_seconds())))}
            return _render_sign_in(form), 429, headers
        case _:
            form.add_error("password", _("Wrong address or password."))
            return _render_sign_in(form), 422


def _second_method(form: SecondStepForm, account: Account) -> str | None:
    """The name of the second factor in the form; None, with an error in the form, if it is not right."""
    p = parts()
    if form.passkey.data:
        used_by = identity.account_of_passkey(form.passkey.data)
        if used_by is not None and used_by.id == account.id:
            return identity.PASSKEY
        form.add_error("code", _("This passkey was not accepted. Please try again."))
        return None
    code, origin = form.code.data or "", sessions.origin_of(account.id)
    result = signing_in.check_code(p.db, p.settings.secret_key, account, code, origin=origin, now=p.clock())
    match result:
        case MustWait(time):
            form.add_error("code", wait_text(time))
        case WrongCredentials():
            form.add_error("code", _("This code is not right, or it was used already."))
        case method:
            return method
    return None


def _pending_account(pending: dict[str, object]) -> Account | None:
    """The account of a pending sign-in; None if its password was changed or it was closed meanwhile."""
    with parts().db.read() as tx:
        account = store.by_id(tx, int(str(pending["id"])))
    return account if account.session_key == pending["key"] else None


def _next_page() -> str | None:
    return nearest_page(local_path(request.args.get("next")))


def _render_sign_in(form: SignInForm) -> str:
    options = passkeys.request_options(identity.relying_party(), sessions.new_challenge())
    settings = parts().settings
    return render_template(
        "admin/sign_in.html", form=form, passkey_options=options, next=_next_page(),
        provider=settings.oidc_name if settings.oidc_issuer else "",
    )  # fmt: skip


def _render_second_step(form: SecondStepForm, account: Account) -> str:
    with parts().db.read() as tx:
        factors = second_factors.load(tx, account)
    site = identity.relying_party()
    options = passkeys.request_options(site, sessions.new_challenge()) if factors.passkeys else None
    return render_template("admin/second_step.html", form=form, factors=factors, passkey_options=options)

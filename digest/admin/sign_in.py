"""The pages to sign in, to sign out, and to change the password."""

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from digest.accounts import authentication
from digest.admin.auth import SignedInUser, require_sign_in
from digest.admin.blueprint import bp
from digest.admin.forms import PasswordForm, SignInForm
from digest.admin.redirects import local_path, nearest_page
from digest.errors import InvalidInputError
from digest.parts import parts

bp.before_request(require_sign_in)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Sign in with address and password. Every failure gets the same response."""
    form, next_page = SignInForm(), nearest_page(local_path(request.args.get("next")))
    if not form.is_submitted():
        return render_template("admin/sign_in.html", form=form)
    p = parts()
    email, password = form.email.data or "", form.password.data or ""
    account = authentication.sign_in(p.db, email, password, now=p.clock()) if form.validate() else None
    if account is None:
        flash(_("Wrong address or password."), "error")
        return render_template("admin/sign_in.html", form=form), 422
    session.clear()  # drops data that somebody else may have planted before the sign-in
    login_user(SignedInUser.from_account(account))
    return redirect(next_page or url_for("admin.overview"))


@bp.post("/sign-out")
def sign_out() -> Response:
    """End all sessions of the account, so that copies of this cookie stop working too."""
    authentication.sign_out(parts().db, current_user.account_id)
    logout_user()
    session.clear()
    flash(_("You are signed out. All sessions of your account are ended."), "success")
    return redirect(url_for("admin.sign_in"))


@bp.route("/password", methods=["GET", "POST"])
def password() -> Response | str | tuple[str, int]:
    """Change the password, which ends all other sessions."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("admin/password.html", form=form), 422 if form.errors else 200
    try:
        _change_password(form)
    except InvalidInputError as error:
        flash(str(error), "error")
        return render_template("admin/password.html", form=form), 422
    flash(_("Your password is changed. All other sessions are ended."), "success")
    return redirect(url_for("admin.overview"))


def _change_password(form: PasswordForm) -> None:
    p = parts()
    account = authentication.change_password(
        p.db, current_user.account_id, current=form.current.data, new=form.new.data, now=p.clock()
    )
    session.clear()
    if not login_user(SignedInUser.from_account(account)):
        abort(403)

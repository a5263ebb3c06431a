"""The pages to sign in, sign out, and choose a password."""

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from digest.accounts import authentication
from digest.admin.auth import SignedIn, guard, local_path, page_or_above
from digest.admin.blueprint import bp
from digest.admin.forms import PasswordForm, SignInForm
from digest.errors import InvalidInputError
from digest.parts import parts

bp.before_request(guard)


@bp.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response | str | tuple[str, int]:
    """Address and password; the same answer whatever is wrong."""
    form, onward = SignInForm(), page_or_above(local_path(request.args.get("next")))
    if not form.is_submitted():
        return render_template("admin/sign_in.html", form=form)
    p = parts()
    email, password = form.email.data or "", form.password.data or ""
    found = authentication.sign_in(p.db, email, password, now=p.reader.clock()) if form.validate() else None
    if found is None:
        flash(_("Address and password don't fit."), "error")
        return render_template("admin/sign_in.html", form=form), 422
    session.clear()  # nothing from before, perhaps planted by somebody else, is carried into the session
    login_user(SignedIn.of(found))
    return redirect(onward or url_for("admin.overview"))


@bp.post("/sign-out")
def sign_out() -> Response:
    """End all sessions of the account: this cookie opens nothing any more, wherever a copy of it is."""
    authentication.sign_out(parts().db, current_user.account_id)
    logout_user()
    session.clear()
    flash(_("You are signed out: all sessions of your account are ended."), "success")
    return redirect(url_for("admin.sign_in"))


@bp.route("/password", methods=["GET", "POST"])
def password() -> Response | str | tuple[str, int]:
    """Choose a password of one's own; that ends all other sessions."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("admin/password.html", form=form), 422 if form.errors else 200
    try:
        _change(form)
    except InvalidInputError as error:
        flash(str(error), "error")
        return render_template("admin/password.html", form=form), 422
    flash(_("Your password is changed, and all other sessions are ended."), "success")
    return redirect(url_for("admin.overview"))


def _change(form: PasswordForm) -> None:
    p = parts()
    number, old, new = current_user.account_id, form.current.data, form.new.data
    account = authentication.change_password(p.db, number, current=old, new=new, now=p.reader.clock())
    session.clear()
    if not login_user(SignedIn.of(account)):
        abort(403)

"""The pages to change one's password, to ask for a new one, and to choose one by the link in a mail."""

from datetime import timedelta

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from digest.accounts import authentication, sign_in
from digest.accounts.audit import Actor
from digest.accounts.pure.password_links import PasswordLinks
from digest.accounts.states import Face
from digest.admin import identity, sessions
from digest.admin.account_forms import ChoosePasswordForm, ForgottenForm, PasswordForm
from digest.admin.auth import SignedInUser
from digest.admin.blueprint import bp
from digest.admin.texts import translated
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.task_names import TaskName
from digest.tasks import enqueue


@bp.route("/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    """Change the password, which ends all other sessions."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return render_template("admin/password.html", form=form), 422 if form.errors else 200
    if (wait := _wait_of_guesser(form)) is not None:
        form.add_error("current", identity.wait_text(wait))
        return render_template("admin/password.html", form=form), 429
    try:
        _change_password(form)
    except (InvalidInputError, ConflictError) as error:
        field = "current" if "current password" in str(error) else "new"
        form.add_error(field, translated(error))
        return render_template("admin/password.html", form=form), 422
    flash(_("Your password is changed. All other sessions are ended."), "success")
    return redirect(url_for("admin.overview"))


@bp.route("/forgotten", methods=["GET", "POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a mail with a link to a new password. The answer is the same for known and unknown addresses."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("admin/forgotten.html", form=form, sent=False), 422 if form.errors else 200
    p = parts()
    actor = Actor("", Face.NEWSROOM, sessions.origin_of().network)
    authentication.plan_reset(p.db, form.email.data, actor=actor, now=p.clock())
    enqueue(TaskName.SEND_LETTERS)  # also for an unknown address: the answer must take as long
    return render_template("admin/forgotten.html", form=form, sent=True)


@bp.route("/password/<token>", methods=["GET", "POST"])
def choose_password(token: str) -> ResponseReturnValue:
    """Choose a password by the link in a mail. Opening the link changes nothing."""
    p, form = parts(), ChoosePasswordForm()
    links = PasswordLinks(p.settings.secret_key, p.settings.base_url)
    try:
        account = authentication.account_of_link(p.db, links, token, p.clock())
    except InvalidInputError as error:
        return render_template("admin/dead_link.html", text=translated(error)), 410
    page = "admin/choose_password.html"
    if not form.validate_on_submit():
        return render_template(page, form=form, email=account.email), 422 if form.errors else 200
    try:
        authentication.choose_password(
            p.db, links, token, form.new.data, site_name=p.site_name,
            network=sessions.origin_of().network, now=p.clock(),
        )  # fmt: skip
    except InvalidInputError as error:
        form.add_error("new", translated(error))
        return render_template(page, form=form, email=account.email), 422
    session.clear()
    flash(_("Your password is set. Sign in with it now."), "success")
    return redirect(url_for("admin.sign_in"))


def _wait_of_guesser(form: PasswordForm) -> timedelta | None:
    """How long to wait after too many wrong passwords; None if the form may be read. It counts as a sign-in does."""
    p, origin = parts(), sessions.origin_of(current_user.account_id)
    key, typed = p.settings.secret_key, form.current.data or ""
    answer = sign_in.check_password(p.db, key, current_user.email, typed, origin=origin, now=p.clock())
    return answer.time if isinstance(answer, sign_in.MustWait) else None


def _change_password(form: PasswordForm) -> None:
    p, method = parts(), session.get(sessions.METHOD, "")
    account = authentication.change_password(
        p.db, current_user.account_id, current=form.current.data, new=form.new.data,
        site_name=p.site_name, actor=current_user.actor(), now=p.clock(),
    )  # fmt: skip
    # A new password makes the session last no longer. The old one proves nothing where a second factor is asked for.
    kept = {name: session[name] for name in (sessions.STARTED, sessions.CONFIRMED) if name in session}
    sessions.begin(SignedInUser.from_account(account), method, confirmed=False)
    session.update(kept)

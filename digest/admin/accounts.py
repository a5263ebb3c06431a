"""The accounts of editors and admins; only admins see these pages."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.accounts import authentication, store
from digest.accounts.states import Role
from digest.admin.audit_log import record_action
from digest.admin.auth import role_required
from digest.admin.blueprint import bp
from digest.admin.forms import AccountForm
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts


@bp.get("/accounts")
@role_required(Role.ADMIN)
def accounts() -> str:
    """All accounts."""
    return _render_page()


@bp.post("/accounts")
@role_required(Role.ADMIN)
def add_account() -> str:
    """Add an account. Only this response shows its one-time password."""
    form, p = AccountForm(), parts()
    if not form.validate_on_submit():
        raise InvalidInputError(" ".join(error for errors in form.errors.values() for error in errors))
    password = authentication.create_account(p.db, form.email.data, form.role.data, now=p.clock())
    record_action("account added", f"{form.email.data} ({form.role.data})")
    return _render_page(new_password_email=form.email.data, password=password)


@bp.get("/accounts/<int:account_id>/password")
@role_required(Role.ADMIN)
def confirm_password(account_id: int) -> str:
    """Explain what a new password does before it is set."""
    with parts().db.read() as tx:
        account = store.by_id(tx, account_id)
    return render_template(
        "admin/ask.html",
        section="admin.accounts",
        question=_("Reset the password of %(email)s?", email=account.email),
        consequence=_("The current password stops working, and all sessions of the account end."),
        confirm_label=_("Reset password"),
        cancel_url=url_for("admin.accounts"),
    )


@bp.post("/accounts/<int:account_id>/password")
@role_required(Role.ADMIN)
def reset_password(account_id: int) -> str:
    """Give an account a new one-time password, shown once."""
    p = parts()
    with p.db.read() as tx:
        account = store.by_id(tx, account_id)
    password = authentication.reset_password(p.db, account.email, now=p.clock())
    record_action("password reset for", account.email)
    return _render_page(new_password_email=account.email, password=password)


@bp.post("/accounts/<int:account_id>/<any(close, reopen):step>")
@role_required(Role.ADMIN)
def set_account_state(account_id: int, step: str) -> Response:
    """Close an account, which ends its sessions, or reopen it."""
    if account_id == current_user.account_id:
        raise ConflictError(_("You can't close your own account. Ask another admin."))
    change = authentication.close_account if step == "close" else authentication.reopen_account
    account = change(parts().db, account_id)
    record_action("account closed" if step == "close" else "account reopened", account.email)
    if step == "close":
        flash(_("The account %(email)s is closed.", email=account.email), "success")
    else:
        flash(_("The account %(email)s is open again.", email=account.email), "success")
    return redirect(url_for("admin.accounts"))


def _render_page(*, new_password_email: str = "", password: str = "") -> str:
    with parts().db.read() as tx:
        rows = store.list_accounts(tx)
    return render_template(
        "admin/accounts.html",
        accounts=rows,
        form=AccountForm(formdata=None),
        new_password_email=new_password_email,
        password=password,
    )

"""The accounts of those who run it; for admins."""

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.accounts import authentication, store
from digest.admin.auth import note, role_required
from digest.admin.blueprint import bp
from digest.admin.forms import AccountForm
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts


@bp.get("/accounts")
@role_required("admin")
def accounts() -> str:
    """All accounts."""
    return _page()


@bp.post("/accounts")
@role_required("admin")
def add_account() -> str:
    """Make an account; its one-time password is on this answer and nowhere else."""
    form, p = AccountForm(), parts()
    if not form.validate_on_submit():
        raise InvalidInputError(" ".join(word for words in form.errors.values() for word in words))
    password = authentication.add(p.db, form.email.data, form.role.data, now=p.reader.clock())
    note("account added", f"{form.email.data} ({form.role.data})")
    return _page(for_whom=form.email.data, password=password)


@bp.get("/accounts/<int:account_id>/password")
@role_required("admin")
def confirm_password(account_id: int) -> str:
    """Say what a new password ends before there is one."""
    with parts().db.read() as tx:
        account = store.by_id(tx, account_id)
    return render_template(
        "admin/ask.html",
        section="admin.accounts",
        question=_("A new password for %(email)s?", email=account.email),
        means=_("The old one stops working, and whoever is signed in with it is signed out."),
        yes=_("Make a new password"),
        no_url=url_for("admin.accounts"),
    )


@bp.post("/accounts/<int:account_id>/password")
@role_required("admin")
def reset_password(account_id: int) -> str:
    """Give an account a new one-time password, shown once."""
    p = parts()
    with p.db.read() as tx:
        account = store.by_id(tx, account_id)
    password = authentication.reset_password(p.db, account.email, now=p.reader.clock())
    note("password reset for", account.email)
    return _page(for_whom=account.email, password=password)


@bp.post("/accounts/<int:account_id>/<any(close, reopen):step>")
@role_required("admin")
def set_account_state(account_id: int, step: str) -> Response:
    """Close an account, which ends its sessions, or open it again."""
    if account_id == current_user.account_id:
        raise ConflictError(_("This is your own account; ask another admin."))
    change = authentication.close if step == "close" else authentication.reopen
    account = change(parts().db, account_id)
    note("account closed" if step == "close" else "account reopened", account.email)
    flash(_("%(email)s is closed.", email=account.email) if step == "close"
          else _("%(email)s is open again.", email=account.email), "success")  # fmt: skip
    return redirect(url_for("admin.accounts"))


def _page(*, for_whom: str = "", password: str = "") -> str:
    with parts().db.read() as tx:
        listed = store.listing(tx)
    form = AccountForm(formdata=None)
    return render_template(
        "admin/accounts.html", accounts=listed, form=form, for_whom=for_whom, password=password
    )

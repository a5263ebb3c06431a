"""The accounts of the newsroom; only admins see these pages."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.accounts import authentication, second_factors
from digest.accounts.models import Account
from digest.accounts.store import accounts as store
from digest.accounts.store import second_factors as factor_store
from digest.admin import edit_conflicts
from digest.admin.account_forms import ROLE_CHOICES, AccountForm, RoleForm
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import EditedThing, SaveConflictError
from digest.admin.texts import translated
from digest.database import Tx
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.task_names import TaskName
from digest.tasks import enqueue


@bp.get("/accounts")
def accounts() -> str:
    """All accounts."""
    return _render_page(AccountForm(formdata=None))


@bp.post("/accounts")
def add_account() -> ResponseReturnValue:
    """Add an account, and send its owner the mail in which they choose a password."""
    form, p = AccountForm(), parts()
    if not form.validate_on_submit():
        return _render_page(form), 422
    email = form.email.data
    try:
        authentication.invite(p.db, email, form.role.data, actor=current_user.actor(), now=p.clock())
    except (InvalidInputError, ConflictError) as error:
        form.add_error("email", translated(error))
        return _render_page(form), 422
    enqueue(TaskName.SEND_LETTERS)
    flash(_("The invitation is being sent to %(email)s. Its link works for an hour.", email=email), "success")
    return redirect(url_for("admin.accounts"))


@bp.post("/accounts/<int:account_id>/role")
def set_account_role(account_id: int) -> ResponseReturnValue:
    """Give an account another role."""
    form, p = RoleForm(), parts()
    if not form.validate_on_submit():
        raise InvalidInputError(_("Choose a role."))
    if account_id == current_user.account_id:
        raise ConflictError(_("You can't change your own role. Ask another admin."))
    role = form.role.data
    try:
        account = authentication.set_role(
            p.db,
            account_id,
            role,
            actor=current_user.actor(),
            now=p.clock(),
            check=partial(_require_role, typed=role),
        )
    except SaveConflictError:
        return _render_page(AccountForm(formdata=None), typed_role=role), 409
    flash(_("%(email)s is now %(role)s.", email=account.email, role=role), "success")
    return redirect(url_for("admin.accounts"))


@bp.get("/accounts/<int:account_id>/password")
def confirm_reset(account_id: int) -> str:
    """Explain what the mail does before it is sent."""
    account = _load(account_id)
    return render_template(
        "admin/ask.html",
        section="admin.accounts",
        question=_("Send %(email)s a link to a new password?", email=account.email),
        consequence=_("The link works once, for an hour. Until then the current password stays as it is."),
        confirm_label=_("Send the link"),
        cancel_url=url_for("admin.accounts"),
    )


@bp.post("/accounts/<int:account_id>/password")
def send_reset(account_id: int) -> Response:
    """Send the owner of an account a link to a new password."""
    account, p = _load(account_id), parts()
    if not authentication.plan_reset(p.db, account.email, actor=current_user.actor(), now=p.clock()):
        raise ConflictError(
            _("No mail was sent: the account is closed, or got four such mails within a day.")
        )
    enqueue(TaskName.SEND_LETTERS)
    flash(_("The link is being sent to %(email)s.", email=account.email), "success")
    return redirect(url_for("admin.accounts"))


@bp.get("/accounts/<int:account_id>/second-factor")
def confirm_remove_second_factor(account_id: int) -> str:
    """Explain what removing the second factors does before it is done."""
    account = _load(account_id)
    return render_template(
        "admin/ask.html",
        section="admin.accounts",
        question=_("Remove all second factors of %(email)s?", email=account.email),
        consequence=_(
            "Only the password is then needed to sign in. Do this only if you know that they have lost "
            "their phone and their recovery codes: call them."
        ),
        confirm_label=_("Remove"),
        cancel_url=url_for("admin.accounts"),
    )


@bp.post("/accounts/<int:account_id>/second-factor")
def remove_second_factor(account_id: int) -> Response:
    """Remove passkeys, authenticator app and recovery codes of an account."""
    p = parts()
    email = second_factors.remove_all(p.db, account_id, actor=current_user.actor(), now=p.clock())
    flash(_("The second factors of %(email)s are removed.", email=email), "success")
    return redirect(url_for("admin.accounts"))


@bp.post("/accounts/<int:account_id>/<any(close, reopen):step>")
def set_account_state(account_id: int, step: str) -> Response:
    """Close an account, which ends its sessions, or reopen it."""
    if account_id == current_user.account_id:
        raise ConflictError(_("You can't close your own account. Ask another admin."))
    change = authentication.close_account if step == "close" else authentication.reopen_account
    account = change(parts().db, account_id, actor=current_user.actor(), now=parts().clock())
    if step == "close":
        flash(_("The account %(email)s is closed.", email=account.email), "success")
    else:
        flash(_("The account %(email)s is open again.", email=account.email), "success")
    return redirect(url_for("admin.accounts"))


def _load(account_id: int) -> Account:
    with parts().db.read() as tx:
        return store.by_id(tx, account_id)


def _require_role(tx: Tx, account: Account, *, typed: str) -> None:
    """Raise SaveConflictError if another admin has given the account another role since the page was opened."""
    thing = EditedThing(
        role_form(account.id),
        "/admin/accounts",
        {"role": _("Role of %(email)s", email=account.email)},
        lambda _field, role: str(dict(ROLE_CHOICES)[role]),
        target=account.email,
    )
    edit_conflicts.require_unchanged(tx, thing, "role", account.role, typed)


@bp.app_template_global()
def role_form(account_id: int) -> str:
    """The name of the form for the role of an account: the page has many."""
    return f"role-{account_id}"


def _render_page(form: AccountForm, typed_role: str = "") -> str:
    with parts().db.read() as tx:
        rows = store.list_accounts(tx)
        with_passkeys = factor_store.accounts_with_passkeys(tx)
    return render_template(
        "admin/accounts.html",
        accounts=rows,
        with_second_factor={row.id for row in rows if row.totp_secret} | with_passkeys,
        form=form,
        typed_role=typed_role,
    )

"""The tokens of the API; only admins see these pages. A new token is shown once, in the answer to its form."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as __
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from digest.accounts import api_tokens
from digest.accounts.models import ApiToken
from digest.accounts.pure.token_rules import MAX_LIFETIME, MAX_NAME_LENGTH
from digest.accounts.states import Scope
from digest.accounts.store import api_tokens as store
from digest.admin.blueprint import bp
from digest.admin.form_fields import NewsroomForm, NumberField
from digest.admin.texts import translated
from digest.errors import ConflictError, InvalidInputError, NotFoundError
from digest.parts import parts

USUAL_DAYS = 365


class TokenForm(NewsroomForm):
    """A new token. Each scope is a field of its own, so that no field is sent twice."""

    name = StringField(
        __("Name of the program"), [DataRequired(__("Enter a name.")), Length(max=MAX_NAME_LENGTH)]
    )
    read = BooleanField(__("read: news, editions and totals, without addresses"))
    subscribers = BooleanField(__("subscribers: subscribers and suppressions, with addresses"))
    editorial = BooleanField(__("editorial: sources, articles, stories, drafts"))
    send = BooleanField(__("send: sending and cancelling editions"))
    admin = BooleanField(__("admin: everything, and the settings"))
    networks = StringField(__("Only from these networks"), [Length(max=1000)])
    days = NumberField(
        __("Days until it expires"), [Optional(), NumberRange(1, MAX_LIFETIME.days)], default=USUAL_DAYS
    )

    def scopes(self) -> list[str]:
        """The scopes that are ticked."""
        return [scope.value for scope in Scope if self[scope.value].data]


@bp.get("/tokens")
def tokens() -> str:
    """All tokens, without their secrets."""
    return _render_page(TokenForm(formdata=None))


@bp.post("/tokens")
def add_token() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    form, p = TokenForm(), parts()
    if not form.validate_on_submit():
        return _render_page(form), 422
    try:
        secret = api_tokens.create(
            p.db,
            form.name.data,
            form.scopes(),
            actor=current_user.actor(),
            now=p.clock(),
            networks=(form.networks.data or "").replace(",", " ").split(),
            days=form.days.data,
        )
    except (InvalidInputError, ConflictError) as error:
        form.add_error("name", translated(error))
        return _render_page(form), 422
    return render_template("admin/new_token.html", name=form.name.data, secret=secret)


@bp.get("/tokens/<int:token_id>/revoke")
def confirm_revoke_token(token_id: int) -> str:
    """Explain what revoking does before it is done."""
    token = _load(token_id)
    return render_template(
        "admin/ask.html",
        section="admin.tokens",
        question=_("Revoke the token %(name)s?", name=token.name),
        consequence=_("The program that uses it is refused from its next request on. This can't be undone."),
        confirm_label=_("Revoke"),
        cancel_url=url_for("admin.tokens"),
    )


@bp.post("/tokens/<int:token_id>/revoke")
def revoke_token(token_id: int) -> Response:
    """Revoke a token."""
    token, p = _load(token_id), parts()
    api_tokens.revoke(p.db, token.name, actor=current_user.actor(), now=p.clock())
    flash(_("The token %(name)s is revoked.", name=token.name), "success")
    return redirect(url_for("admin.tokens"))


def _load(token_id: int) -> ApiToken:
    with parts().db.read() as tx:
        token = store.find_by_id(tx, token_id)
    if token is None:
        raise NotFoundError(f"There is no token {token_id}.")
    return token


def _render_page(form: TokenForm) -> str:
    with parts().db.read() as tx:
        rows = store.list_tokens(tx)
    scopes = [form[scope.value] for scope in Scope]
    return render_template("admin/tokens.html", tokens=rows, form=form, scopes=scopes, now=parts().clock())

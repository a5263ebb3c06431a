"""How the signed-in account signs in: its authenticator app, passkeys and recovery codes."""

import io
import ipaddress

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from digest.accounts import passkeys, second_factors
from digest.accounts.audit import Change, record
from digest.accounts.pure import secrets_at_rest, totp
from digest.accounts.store import accounts as store
from digest.admin import identity, sessions
from digest.admin.account_forms import AppForm, PasskeyForm
from digest.admin.blueprint import bp
from digest.admin.texts import translated
from digest.errors import InvalidInputError
from digest.parts import parts

NEW_SECRET = "new_app"  # noqa: S105  -- where the session keeps the encrypted secret while an app is set up


@bp.get("/security")
def own_sign_in() -> str:
    """The second factors of the account."""
    return _render_page()


@bp.get("/security/app")
def app() -> str:
    """Show the secret of a new authenticator app, as a QR code and as text."""
    return _render_app(AppForm(formdata=None))


@bp.post("/security/app")
def set_up_app() -> ResponseReturnValue:
    """Store the new authenticator app, after it has shown a right code."""
    p, form = parts(), AppForm()
    if not form.validate():
        return _render_app(form), 422
    secret, key = _new_secret(), p.settings.secret_key
    try:
        codes = second_factors.set_up_app(
            p.db,
            key,
            current_user.account_id,
            secret,
            form.code.data,
            actor=current_user.actor(),
            now=p.clock(),
        )
    except InvalidInputError as error:
        form.add_error("code", translated(error))
        return _render_app(form), 422
    session.pop(NEW_SECRET, None)
    _note_second_factor(second_factors.APP)
    return _render_page(codes, done=_("The authenticator app is set up."))


@bp.post("/security/app/remove")
def remove_app() -> Response:
    """Remove the authenticator app."""
    p = parts()
    second_factors.remove_app(p.db, current_user.account_id, actor=current_user.actor(), now=p.clock())
    return _after_removal(_("The authenticator app is removed."))


@bp.get("/security/passkeys/new")
def new_passkey() -> str:
    """The page on which the browser makes a passkey."""
    return _render_new_passkey(PasskeyForm(formdata=None))


@bp.post("/security/passkeys/new")
def add_passkey() -> ResponseReturnValue:
    """Store a new passkey."""
    p, form, challenge = parts(), PasskeyForm(), sessions.take_challenge()
    if challenge is None or not form.validate():
        form.add_error("name", _("The passkey could not be added. Please try again."))
        return _render_new_passkey(form), 422
    try:
        new = passkeys.NewPasskey(form.passkey.data, challenge, form.name.data or "")
        codes = passkeys.add(
            p.db, p.settings.secret_key, identity.relying_party(), current_user.account_id, new,
            actor=current_user.actor(), now=p.clock(),
        )  # fmt: skip
    except InvalidInputError as error:
        form.add_error("name", translated(error))
        return _render_new_passkey(form), 422
    _note_second_factor(identity.PASSKEY)
    return _render_page(codes, done=_("The passkey is added."))


@bp.post("/security/passkeys/<int:passkey_id>/remove")
def remove_passkey(passkey_id: int) -> Response:
    """Remove a passkey."""
    p, actor = parts(), current_user.actor()
    name = passkeys.remove(p.db, current_user.account_id, passkey_id, actor=actor, now=p.clock())
    return _after_removal(_("The passkey “%(name)s” is removed.", name=name))


@bp.post("/security/recovery-codes")
def renew_recovery_codes() -> str:
    """Replace the recovery codes. Only this response shows the new ones."""
    p = parts()
    codes = second_factors.renew_recovery_codes(
        p.db, p.settings.secret_key, current_user.account_id, actor=current_user.actor(), now=p.clock()
    )
    return _render_page(codes, done=_("The old recovery codes no longer work."))


@bp.post("/security/alerts")
def set_own_alerts() -> Response:
    """Get alerts by mail from now on, or no longer."""
    p = parts()
    with p.db.begin() as tx:
        account = store.by_id(tx, current_user.account_id)
        wanted = account.wants_alerts = not account.wants_alerts
        change = Change(after={"wants_alerts": wanted})
        record(tx, current_user.actor(), "alerts", account.email, now=p.clock(), change=change)
    flash(_("You get alerts by mail now.") if wanted else _("You get no alerts by mail any more."), "success")
    return redirect(url_for("admin.own_sign_in"))


def _render_page(codes: list[str] | None = None, *, done: str = "") -> str:
    p = parts()
    with p.db.read() as tx:
        account = store.by_id(tx, current_user.account_id)
        factors = second_factors.load(tx, account)
    lowest = p.settings.lowest_role_with_second_factor(p.settings.base_url)
    return render_template(
        "admin/own_sign_in.html",
        account=account,
        factors=factors,
        codes=codes,
        done=done,
        required=bool(lowest) and current_user.may(lowest),
        passkeys_possible=_passkeys_possible(),
    )


def _render_app(form: AppForm) -> str:
    import segno

    secret = _new_secret()
    uri = totp.provisioning_uri(secret, current_user.email, parts().site_name)
    svg = io.BytesIO()
    segno.make(uri, error="m").save(
        svg, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, dark="#000", light="#fff"
    )
    return render_template(
        "admin/app.html",
        form=form,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        qr_code=Markup(svg.getvalue().decode()),  # noqa: S704  -- made by segno from our own text
        uri=uri,
    )


def _new_secret() -> str:
    """The secret that is being set up; the same one until an app has shown that it has it."""
    key = parts().settings.secret_key
    if NEW_SECRET not in session:
        session[NEW_SECRET] = secrets_at_rest.encrypt(key, totp.new_secret())
    return secrets_at_rest.decrypt(key, session[NEW_SECRET])


def _render_new_passkey(form: PasskeyForm) -> str:
    with parts().db.read() as tx:
        account = store.by_id(tx, current_user.account_id)
        known = [passkey.credential_id for passkey in second_factors.load(tx, account).passkeys]
    challenge = sessions.new_challenge()
    options = passkeys.creation_options(identity.relying_party(), account, known, challenge)
    return render_template("admin/new_passkey.html", form=form, passkey_options=options)


def _note_second_factor(name: str) -> None:
    """The session has a second factor from now on, which its account may have to have."""
    if session.get(sessions.METHOD) != identity.PROVIDER:
        session[sessions.METHOD] = f"{identity.PASSWORD}, {name}"


def _after_removal(text: str) -> Response:
    with parts().db.read() as tx:
        has_any = second_factors.has_any(tx, store.by_id(tx, current_user.account_id))
    if not has_any and session.get(sessions.METHOD) != identity.PROVIDER:
        session[sessions.METHOD] = identity.PASSWORD
    flash(text, "success")
    return redirect(url_for("admin.own_sign_in"))


def _passkeys_possible() -> bool:
    """Passkeys are for host names: a browser makes none for an IP address (WebAuthn Level 3, section 4)."""
    try:
        ipaddress.ip_address(identity.relying_party().host)
    except ValueError:
        return True
    return False

"""Sending by hand: choose whom, write a note, see how many it reaches, and send once."""

import secrets

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin import form_choices, params, preview_query
from digest.admin.auth import note
from digest.admin.blueprint import bp
from digest.admin.forms import ComposeForm
from digest.admin.preview_query import Asked
from digest.deliveries.planning import manual_editions
from digest.deliveries.pure.audience import Audience
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.subscribers.store import subscribers
from digest.tasks import say

OF_REGIONS = ("regions", "address")  # audiences that need regions


@bp.get("/compose")
def compose() -> str:
    """The form; the address may already hold regions, an audience and a note."""
    return _form(ComposeForm(formdata=request.args if "kind" in request.args else None))


@bp.post("/compose")
def check_compose() -> str | tuple[str, int]:
    """Say whom it reaches before anything is sent. Changes nothing."""
    form = ComposeForm()
    if "find" in request.form or not _valid(form):
        return _form(form), 422 if form.errors else 200
    p = parts()
    audience = _audience(form)
    now = p.reader.clock()
    shown = (
        preview_query.make(Asked(audience.regions, note=form.note.data or "")) if audience.regions else None
    )
    return render_template(
        "admin/confirm_send.html",
        form=form,
        audience=audience,
        reach=manual_editions.reach(p.db, p.planner(), audience, now, hours=form.hours.data or 0),
        shown=shown,
        samples=_samples(form),
        slot=secrets.token_urlsafe(16),
    )


@bp.post("/compose/send")
def send() -> Response:
    """Make the edition. A second click on the same page makes no second one: the slot's name is unique."""
    form, slot = ComposeForm(), params.slot(request.form)
    if not slot or not _valid(form):
        raise InvalidInputError(_("Something in the form is not right; check it and send it again."))
    edition_id = _create(form, slot)
    note("edition sent", f"edition {edition_id}: {form.kind.data}")
    flash(_("The edition is being prepared and sent; you can watch it here."), "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.post("/compose/draft")
def draft() -> Response:
    """Keep it as a draft, to be arranged, frozen and sent from its own page."""
    form, slot = ComposeForm(), params.slot(request.form)
    if not slot or not _valid(form) or form.kind.data == "address":
        raise InvalidInputError(_("Something in the form is not right; check it and send it again."))
    p, told = parts(), (form.note.data or "").strip()
    now, hours = p.reader.clock(), form.hours.data or 0
    edition_id = manual_editions.create(
        p.db, _audience(form), note=told, now=now, slot=slot, hours=hours, draft=True
    )
    note("edition drafted", f"edition {edition_id}: {form.kind.data}")
    return redirect(url_for("admin.edition", edition_id=edition_id))


def _create(form: ComposeForm, slot: str) -> int:
    p, audience, told = parts(), _audience(form), (form.note.data or "").strip()
    now = p.reader.clock()
    if audience.kind == "address":
        edition_id = manual_editions.send_test(p.db, p.planner(), audience, note=told, now=now, slot=slot)
        say("deliveries.send")
        return edition_id
    if manual_editions.reach(p.db, p.planner(), audience, now).readers == 0:
        raise ConflictError(_("There is nobody to send to: no active reader belongs to this audience."))
    edition_id = manual_editions.create(
        p.db, audience, note=told, now=now, slot=slot, hours=form.hours.data or 0
    )
    say("editions.plan", edition_id)
    return edition_id


def _form(form: ComposeForm) -> str:
    chosen = preview_query.slugs(request.values.getlist("regions"))
    regions = form_choices.regions(chosen, request.form.get("query", ""))
    missing = bool(form.errors) and form.kind.data in OF_REGIONS and not chosen
    return render_template("admin/compose.html", form=form, regions=regions, regions_missing=missing)


def _valid(form: ComposeForm) -> bool:
    if not form.validate_on_submit():
        return False
    if form.kind.data in OF_REGIONS and not request.form.getlist("regions"):
        form.kind.errors = [_("Choose at least one region below.")]
        return False
    return True


def _audience(form: ComposeForm) -> Audience:
    kind = form.kind.data
    regions = preview_query.slugs(request.form.getlist("regions")) if kind in OF_REGIONS else ()
    address = form.address.data if kind == "address" else ""
    return Audience(kind, regions, address, parts().languages[0])


def _samples(form: ComposeForm) -> list[tuple[str, int, str]]:
    """What most readers asked for: regions, how many readers, and the address of the preview."""
    with parts().db.read() as tx:
        wanted = subscribers.most_wanted(tx, limit=3)
    return [
        (
            ", ".join(parts().tree.name(slug, form_choices.language()) for slug in preferences.regions[:4]),
            readers,
            url_for("admin.preview", regions=preferences.regions, note=form.note.data or None),
        )
        for preferences, readers in wanted
    ]

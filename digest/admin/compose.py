"""Sending an edition manually: choose an audience, write a note, see how many mails that makes, and send once."""

import secrets
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from digest.admin import edition_changes, form_choices, large_mailings, params, preview_query, typed_forms
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.common_choices import common_choices
from digest.admin.forms import ComposeForm
from digest.admin.preview_query import PreviewQuery
from digest.admin.texts import translated
from digest.deliveries.planning import manual_editions
from digest.deliveries.pure.audience import Audience
from digest.editions.pure.day_notes import MAX_NOTE_LENGTH
from digest.errors import ConflictError, InvalidInputError
from digest.parts import parts
from digest.task_names import TaskName
from digest.tasks import enqueue

REGION_AUDIENCE_KINDS = ("regions", "address")  # audiences that need regions
MAX_SAMPLE_REGIONS = 4  # regions named in the line of a sample; more make it too long


@dataclass(frozen=True, slots=True)
class SamplePreview:
    """A choice of regions that many subscribers share, and the address of its preview."""

    regions: str
    subscriber_count: int
    url: str


@bp.get("/compose")
def compose() -> str:
    """The form. The URL may preset regions, an audience and a note."""
    return _render_form(ComposeForm(formdata=request.args if "kind" in request.args else None))


@bp.post("/compose")
def check_compose() -> str | tuple[str, int]:
    """Show how many subscribers the edition reaches before it is sent. Changes nothing."""
    form = ComposeForm()
    if "find" in request.form or not _is_valid(form):
        return _render_form(form), 422 if form.errors else 200
    return _render_confirmation(form)


def _render_confirmation(form: ComposeForm) -> str:
    p, audience = parts(), _audience(form)
    query = PreviewQuery(audience.regions, note=form.note.data or "", is_manual=True)
    reach = manual_editions.count_audience(p.db, p.planner(), audience, p.clock(), hours=form.hours.data or 0)
    return render_template(
        "admin/confirm_send.html",
        form=form,
        audience=audience,
        reach=reach,
        preview=preview_query.make_preview(query).preview if audience.regions else None,
        samples=_sample_previews(form),
        slot=request.form.get("slot") or secrets.token_urlsafe(16),
        needs_number=large_mailings.needs_number(reach.deliveries),
    )


@bp.post("/compose/send")
def send() -> Response | tuple[str, int]:
    """Create the edition and send it. The key of the form keeps a second click from creating a second edition."""
    form, idempotency_key = ComposeForm(), params.form_idempotency_key(request.form)
    if not idempotency_key or not _is_valid(form):
        return _render_form(form), 422
    try:
        edition_id = _create_edition(form, idempotency_key)
    except InvalidInputError as error:
        typed_forms.fail("send", "typed_count", translated(error), request.form)
        return _render_confirmation(form), 400
    record_action("edition sent", f"edition {edition_id}: {form.kind.data}")
    flash(_("The edition is being prepared and sent. This page shows its progress."), "success")
    return redirect(url_for("admin.edition", edition_id=edition_id))


@bp.post("/compose/draft")
def draft() -> Response | tuple[str, int]:
    """Save the edition as a draft, to arrange, freeze and send it on its own page."""
    form, idempotency_key = ComposeForm(), params.form_idempotency_key(request.form)
    if not idempotency_key or not _is_valid(form) or form.kind.data == "address":
        return _render_form(form), 422
    p = parts()
    now, hours = p.clock(), form.hours.data or 0
    edition_id = manual_editions.create(
        p.db,
        _audience(form),
        note=_note(form),
        now=now,
        idempotency_key=idempotency_key,
        hours=hours,
        draft=True,
    )
    edition_changes.remember(edition_id)
    record_action("edition drafted", f"edition {edition_id}: {form.kind.data}")
    return redirect(url_for("admin.edition", edition_id=edition_id))


def _create_edition(form: ComposeForm, idempotency_key: str) -> int:
    p, audience, note = parts(), _audience(form), _note(form)
    now = p.clock()
    if audience.kind == "address":
        edition_id = manual_editions.send_test(
            p.db, p.planner(), audience, note=note, now=now, idempotency_key=idempotency_key
        )
        enqueue(TaskName.SEND_DELIVERIES)
        return edition_id
    reach = manual_editions.count_audience(p.db, p.planner(), audience, now, hours=form.hours.data or 0)
    large_mailings.check_number(request.form, reach.deliveries)
    if reach.subscribers == 0:
        raise ConflictError(_("There is no active subscriber in this audience."))
    edition_id = manual_editions.create(
        p.db, audience, note=note, now=now, idempotency_key=idempotency_key, hours=form.hours.data or 0
    )
    enqueue(TaskName.PLAN_EDITION, edition_id)
    return edition_id


def _render_form(form: ComposeForm) -> str:
    chosen = preview_query.parse_region_slugs(request.values.getlist("regions"))
    regions = form_choices.region_choice(chosen, request.form.get("query", ""))
    return render_template("admin/compose.html", form=form, regions=regions, max_note_length=MAX_NOTE_LENGTH)


def _is_valid(form: ComposeForm) -> bool:
    if not form.validate_on_submit():
        return False
    if form.kind.data in REGION_AUDIENCE_KINDS and not request.form.getlist("regions"):
        form.kind.errors = [_("Choose at least one region below.")]
        return False
    return True


def _audience(form: ComposeForm) -> Audience:
    kind = form.kind.data
    slugs = request.form.getlist("regions") if kind in REGION_AUDIENCE_KINDS else []
    address = form.address.data if kind == "address" else ""
    return Audience(kind, preview_query.parse_region_slugs(slugs), address, parts().languages[0])


def _note(form: ComposeForm) -> str:
    return (form.note.data or "").strip()


def _sample_previews(form: ComposeForm) -> list[SamplePreview]:
    """Links to previews for the most common choices of regions."""
    most_common = common_choices(3)
    tree, language = parts().tree, form_choices.page_language()
    return [
        SamplePreview(
            ", ".join(tree.name(slug, language) for slug in preferences.regions[:MAX_SAMPLE_REGIONS]),
            count,
            url_for("admin.preview", regions=preferences.regions, note=form.note.data or None),
        )
        for preferences, count in most_common
    ]

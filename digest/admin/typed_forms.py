"""Shows a form again after an error: with what was typed and ticked, and with the error beside its field.

Forms with classes of their own (`forms.py`) do this themselves. For all others `FORM_PAGES` says which page has the
form, and the page's template asks here for the values.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from digest.admin.blueprint import bp
from digest.admin.texts import translated
from digest.errors import DatelineError
from digest.http_statuses import http_status


@dataclass(frozen=True, slots=True)
class FormPage:
    """Where a form is: its name in templates, the endpoint of its page, and the field that its errors are about."""

    form: str
    page: str
    field: str


@dataclass(frozen=True, slots=True)
class FailedForm:
    """A form that was sent with an error."""

    form: str
    field: str
    error: str
    values: "MultiDict[str, str]"


# By the endpoint that the form is sent to.
FORM_PAGES: Mapping[str, FormPage] = {
    "admin.retag": FormPage("retag", "admin.article", "more"),
    "admin.exclude_words": FormPage("exclude", "admin.article", "words"),
    "admin.add_exclusion": FormPage("exclusion", "admin.exclusions", "words"),
    "admin.choose_kind": FormPage("kind", "admin.article", "kind"),
    "admin.add_source": FormPage("source", "admin.sources", "url"),
    "admin.try_source": FormPage("source", "admin.sources", "url"),
    "admin.add_from_packs": FormPage("packs", "admin.source_packs", "url"),
    "admin.import_sources": FormPage("sources", "admin.sources", "file"),
    "admin.move_sources": FormPage("move", "admin.sources", "to"),
    "admin.rename_folder": FormPage("rename", "admin.sources", "name"),
    "admin.import_look": FormPage("look", "admin.look", "file"),
    "admin.suppress_one": FormPage("suppress", "admin.suppressions", "email"),
    "admin.import_suppressions": FormPage("suppressions", "admin.suppressions", "file"),
    "admin.add_subscriber_note": FormPage("note", "admin.subscriber", "text"),
    "admin.change_subscriber_note": FormPage("note", "admin.subscriber_note", "text"),
    "admin.upload_import": FormPage("import", "admin.subscriber_imports", "file"),
    "admin.start_import": FormPage("start", "admin.subscriber_import", "consent"),
    "admin.set_edition_rate": FormPage("rate", "admin.edition", "rate"),
    "admin.release_edition": FormPage("schedule", "admin.edition", "at"),
    "admin.set_own_language": FormPage("language", "admin.own_sign_in", "language"),
    "admin.set_own_zone": FormPage("zone", "admin.own_sign_in", "zone"),
    "admin.send_test": FormPage("test", "admin.preview", "to"),
}


def show_again(error: DatelineError) -> tuple[str, int] | None:
    """The page of the form that was sent, with the error; None if the request has no form that could be shown."""
    where = FORM_PAGES.get(request.endpoint or "")
    if where is None or (where.field not in request.form and where.field not in request.files):
        return None
    g.failed_form = FailedForm(where.form, where.field, translated(error), request.form)
    try:
        html = current_app.ensure_sync(current_app.view_functions[where.page])(**(request.view_args or {}))
    except DatelineError:  # the page itself does not exist, for example
        del g.failed_form
        return None
    return html, http_status(error)


def page_values() -> "MultiDict[str, str]":
    """What a page with one large form is made from: the form that failed, or the address."""
    return request.form if "failed_form" in g else request.args


def fail(form: str, field: str, error: str, values: "MultiDict[str, str] | None" = None) -> None:
    """Show an error beside a field of a page that is sent by GET, or by POST with these values."""
    g.failed_form = FailedForm(form, field, error, request.args if values is None else values)


def register(app: Flask) -> None:
    """Add the functions for templates, and answer 400 with a page that shows an error of its own form."""
    app.after_request_funcs.setdefault(bp.name, []).append(_answer_400)
    app.jinja_env.globals.update(
        typed=_typed, is_ticked=_is_ticked, described=_described, field_problem=_field_problem
    )


def _answer_400(response: Response) -> Response:
    if "failed_form" in g and response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.BAD_REQUEST
    return response


def _typed(form: str, field: str, default: object = "") -> object:
    """What was typed into a field of a failed form, else the default."""
    failed = _failed(form)
    return failed.values.get(field, "") if failed else default


def _is_ticked(form: str, field: str, value: str, default: bool) -> bool:
    """Whether a box was ticked in a failed form, else the default."""
    failed = _failed(form)
    return value in failed.values.getlist(field) if failed else default


def _described(form: str, field: str, hint: str = "") -> Markup:
    """The attributes that refer to a field's error and hint."""
    failed = _failed(form)
    if failed is None or failed.field != field:
        return Markup(' aria-describedby="{}"').format(hint) if hint else Markup("")
    ids = f"{form}-{field}-error {hint}".strip()
    return Markup(' aria-invalid="true" aria-describedby="{}" autofocus').format(ids)


def _field_problem(form: str, field: str) -> Markup:
    """The error of a field, to be put below it."""
    failed = _failed(form)
    if failed is None or failed.field != field:
        return Markup("")
    return Markup('<p class="field-error" id="{}-{}-error" role="alert">{}</p>').format(
        form, field, failed.error
    )


def _failed(form: str) -> FailedForm | None:
    failed: FailedForm | None = g.get("failed_form")
    return failed if failed and failed.form == form else None

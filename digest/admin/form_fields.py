"""The one way in which forms of the newsroom are read: as form fields, which are texts.

What is counted, checked and stored is therefore always the same value. JSON, text that no database holds (NUL), and on
pages about accounts also files and repeated fields, are answered with 400.
"""

from collections.abc import Sequence
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest
from wtforms import IntegerField

MAX_DIGITS = 9  # no number in a form needs more
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class NewsroomForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that reads form fields only; Flask-WTF's own reads JSON too."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """The binding of request data to fields."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> MultiDict[str, str] | None:
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if form.is_submitted() else None

    def add_error(self, field: str, text: str) -> None:
        """Show an error beside a field."""
        self[field].errors = [*self[field].errors, text]


class NumberField(IntegerField):  # type: ignore[misc]  # WTForms has no types
    """A whole number. Hundreds of digits would become an integer that the checks of WTForms can't compare."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Raise ValueError, which WTForms shows beside the field."""
        if valuelist and len(valuelist[0].strip()) > MAX_DIGITS:
            raise ValueError(
                _('"%(text)s…" is no whole number that can be used here.', text=valuelist[0].strip()[:9])
            )
        super().process_formdata(valuelist)


def require_readable_form(*, strict: bool) -> None:
    """Raise BadRequest for a request whose fields can't be read in this one way."""
    if request.method == "POST" and request.mimetype not in FORM_TYPES and _has_body():
        raise BadRequest("a form was expected")
    for source in (request.args, request.form):
        for name, values in source.lists():
            if any("\x00" in text for text in (name, *values)):
                raise BadRequest(f"the field {name[:40]!r} has a NUL character")
    if strict:
        _require_single_texts()


def _require_single_texts() -> None:
    if any(file for _, file in request.files.items(multi=True)):
        raise BadRequest("a file was sent where a text was expected")
    for name, values in request.form.lists():
        if len(values) > 1:
            raise BadRequest(f"the field {name[:40]!r} was sent {len(values)} times")


def _has_body() -> bool:
    return bool(request.content_length) or "Transfer-Encoding" in request.headers

"""The look that somebody has typed, merged with what somebody else has saved meanwhile."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from digest.admin import edit_conflicts, look_form
from digest.admin.edit_conflicts import EditedThing
from digest.admin.look_form import Appearance, TypedLook
from digest.admin.pure.three_way import MergedFields
from digest.look.pure.look import ALL_LANGUAGES, NO_WORDS, WORD_NAMES, Logo, Look, OwnHead, Words
from digest.parts import parts

FORM = "look"


def values_of(look: Look, language: str) -> dict[str, Any]:
    """What the form for a language shows of a look."""
    head = look_form.saved_head(look, language)
    colours = {"colour": look.colour, "dark_colour": look.dark_colour} if language == ALL_LANGUAGES else {}
    return {
        **asdict(look.words.get(language, NO_WORDS)),
        **colours,
        "masthead": head.masthead or "",
        "logo": head.logo.key if head.logo else "",
    }


def merge(newest: Look, typed: TypedLook, link: str) -> tuple[Look, MergedFields]:
    """The look to save. Raises SaveConflictError."""
    thing = edited(typed.language, link)
    mine = values_of(typed.over(newest), typed.language)
    logos = [typed.appearance.logo, look_form.saved_head(newest, typed.language).logo]
    with parts().db.read() as tx:
        merged = edit_conflicts.merge_typed(tx, thing, values_of(newest, typed.language), mine)
    logo = next((one for one in logos if one and one.key == merged.values["logo"]), None)
    return _with(typed, merged.values, logo).over(newest), merged


def edited(language: str, link: str) -> EditedThing:
    """What the form changes, in words."""
    labels = look_form.word_labels() | {
        "colour": _("Of links and buttons"),
        "dark_colour": _("In dark schemes"),
        "masthead": _("Masthead"),
        "logo": _("Logo"),
    }
    audit_names = {} if language == ALL_LANGUAGES else {name: f"{language}: {name}" for name in labels}
    audit_names |= {name: f"{language}: {name}" for name in WORD_NAMES}
    mastheads = look_form.masthead_names(language)

    def describe(name: str, value: Any) -> str:
        if name == "logo":
            return _("another logo") if value else ""
        return str(mastheads.get(value, value)) if name == "masthead" else str(value)

    return EditedThing(FORM, link, labels, describe, audit_names)


def form_again(merged: MergedFields) -> tuple["MultiDict[str, str]", str]:
    """The fields of the form after a conflict, and the key of its logo."""
    form = MultiDict(request.form)
    for name in merged.theirs:
        form[name] = str(merged.values[name])
    return form, merged.values["logo"]


def _with(typed: TypedLook, values: Mapping[str, Any], logo: Logo | None) -> TypedLook:
    """What was typed, with these values and this logo in its place."""
    words = Words(**{field.name: values[field.name] for field in fields(Words)})
    if isinstance(typed.appearance, OwnHead):
        head = OwnHead(values["masthead"] or None, logo)
        return replace(typed, words=words, appearance=head)
    appearance = Appearance(values["colour"], values["dark_colour"], values["masthead"], logo)
    return replace(typed, words=words, appearance=appearance)

"""The look of the site: its words and head in each language, and its colour, saved over what the environment says."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Redirect

from digest.accounts import audit
from digest.accounts.audit import Change
from digest.admin import edit_conflicts, look_form, look_merging, look_preview, params
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.edit_conflicts import SHOWN, SaveConflictError
from digest.admin.pure.three_way import MergedFields
from digest.admin.texts import translated
from digest.admin.undo import flash_with_undo
from digest.errors import ConflictError, InvalidInputError
from digest.i18n.catalogs import PAGE_LANGUAGES
from digest.look import look_file, store
from digest.look.pure.look import ALL_LANGUAGES, Look
from digest.look.pure.look_values import LookError
from digest.look.pure.palette import DEFAULT_PALETTE
from digest.parts import parts


@bp.get("/look")
def look() -> str:
    """The form for the words and the head of a language; that for all languages has the colours too."""
    return _render(look_form.parse_language(request.args.get("language", "")))


@bp.post("/look", endpoint="change_look")
def change() -> Redirect | tuple[str, int]:
    """Save the form, or restore the look before the last change."""
    p, form = parts(), request.form
    language = look_form.parse_language(form.get("language", ""))
    if form.get("action") == "restore":
        return _restore(language)
    logo_key = form.get("logo", "")
    try:
        logo = look_form.read_logo(p.db, form, request.files.get("logo_file"), p.clock())
        logo_key = logo.key if logo else ""
        typed = look_form.read_form(form, logo)
    except LookError as error:
        return _render(language, form, logo_key, error), 400
    merges: list[MergedFields] = []

    def decide(newest: Look) -> Look:
        wanted, merged = look_merging.merge(newest, typed, _url(language))
        merges.append(merged)
        return wanted

    try:
        before, after = p.looks.save(p.db, decide, author=current_user.email, now=p.clock())
    except SaveConflictError as conflict:
        return _render(language, *look_merging.form_again(conflict.merge)), 409
    edit_conflicts.flash_kept(look_merging.edited(language, _url(language)), merges[0])
    return _after_change(language, before, after)


@bp.post("/look/preview", endpoint="preview_look")
def preview() -> Response:
    """What the form would make of a page, a mail or a web edition; for the frame beside it. Saves no look."""
    p, form = parts(), request.form
    try:
        logo = look_form.read_logo(p.db, form, request.files.get("logo_file"), p.clock())
        typed = look_form.read_form(form, logo)
        return look_preview.render(
            typed.over(p.looks.current(p.db)), look_preview.parse_query(form, typed.language)
        )
    except InvalidInputError as error:
        return look_preview.problem(translated(error))


@bp.get("/look/file", endpoint="export_look")
def export() -> Response:
    """The look as a file."""
    p = parts()
    with p.db.read() as tx:
        content = look_file.write_look(tx, p.looks.newest(tx))
    response = Response(content, mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="look.json"'
    return response


@bp.post("/look/file", endpoint="import_look")
def import_file() -> Redirect:
    """Replace the look by that in a file."""
    file, p = request.files.get("file"), parts()
    if file is None or not file.filename:
        raise InvalidInputError(_("Choose a file first."))
    content = file.read(look_file.MAX_FILE + 1)
    before, after = look_file.import_look(
        p.db, p.looks, content, PAGE_LANGUAGES, author=current_user.email, now=p.clock()
    )
    return _after_change(ALL_LANGUAGES, before, after)


def _restore(language: str) -> Redirect:
    p = parts()
    version = params.parse_int(request.form, "look", minimum=0) or 0
    with p.db.read() as tx:
        earlier = p.looks.get(tx, version)

    def decide(newest: Look) -> Look:
        _require_newest(newest)
        return earlier

    before, after = p.looks.save(p.db, decide, author=current_user.email, now=p.clock())
    return _after_change(language, before, after)


def _require_newest(newest: Look) -> None:
    """Raise ConflictError if the look is not the one that the button wants to undo."""
    undone = params.parse_int(request.form, SHOWN, minimum=0)
    if undone is None or undone == newest.version:
        return
    with parts().db.read() as tx:
        last = store.last_change(tx)
    who = last.author if last else ""
    raise ConflictError(_("%(who)s has changed the look since, so the change before is not undone.", who=who))


def _after_change(language: str, before: Look, after: Look) -> Redirect:
    if before is after:
        flash(_("Nothing was changed."), "info")
        return redirect(_url(language))
    changes = audit.differences(store.flat_definition(before), store.flat_definition(after))
    record_action("look changed", "", Change(_url(language), changes.before, changes.after))
    undo = [("action", "restore"), ("look", str(before.version)), ("language", language)]
    undo.append((SHOWN, str(after.version)))
    message = _(
        "The look is saved. Pages show it within a minute, and mails of editions that are planned from now on."
    )
    flash_with_undo(message, "admin.change_look", undo)
    return redirect(_url(language))


def _url(language: str) -> str:
    return url_for("admin.look", language=None if language == ALL_LANGUAGES else language)


def _render(
    language: str,
    typed: "MultiDict[str, str] | None" = None,
    logo_key: str | None = None,
    error: LookError | None = None,
) -> str:
    p = parts()
    with p.db.read() as tx:
        current, last = p.looks.newest(tx), store.last_change(tx)
        saved = look_form.saved_head(current, language)
        logo = saved.logo if logo_key is None else store.find_logo(tx, logo_key)
    return render_template(
        "admin/look.html",
        saved=current,
        shown=look_merging.values_of(current, language),
        last_change=last,
        language=language,
        is_all=language == ALL_LANGUAGES,
        tabs=look_form.language_tabs(current, language),
        word_fields=look_form.word_fields(current, language, typed),
        typed_values=typed,
        form_logo=logo,
        saved_masthead=saved.masthead or "",
        mastheads=look_form.masthead_names(language),
        default_palette=DEFAULT_PALETTE,
        own_palette=current.palette,
        wrong=error,
        preview=look_preview.choices(),
    )

"""What the signed-in account chooses about its pages: the time zone in which it sees times, and the language."""

from collections.abc import Sequence
from functools import cache
from zoneinfo import available_timezones

from flask import flash, redirect, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from digest.accounts.store import accounts as store
from digest.admin.audit_log import record_action
from digest.admin.blueprint import bp
from digest.admin.form_choices import page_language
from digest.errors import InvalidInputError
from digest.i18n.catalogs import NEWSROOM_LANGUAGES
from digest.i18n.locales import language_name
from digest.i18n.zones import ZoneChoice, zone_choices, zone_label
from digest.parts import parts


@bp.post("/security/zone")
def set_own_zone() -> Response:
    """Choose the time zone of the times on all pages."""
    zone = request.form.get("zone", "")
    if zone and zone not in _zones():
        raise InvalidInputError(_('"%(zone)s" is no time zone (example: Asia/Almaty).', zone=zone[:40]))
    with parts().db.begin() as tx:
        store.by_id(tx, current_user.account_id).zone = zone
    record_action("own time zone chosen", zone or "UTC")
    flash(_("Times are shown in %(zone)s now.", zone=zone or "UTC"), "success")
    return redirect(url_for("admin.own_sign_in"))


@bp.post("/security/language")
def set_own_language() -> Response:
    """Choose the language of the newsroom."""
    language = request.form.get("language", "")
    if language not in NEWSROOM_LANGUAGES:
        raise InvalidInputError(
            _('"%(language)s" is not a language of the newsroom.', language=language[:40])
        )
    with parts().db.begin() as tx:
        store.by_id(tx, current_user.account_id).language = language
    record_action("own language chosen", language)
    with force_locale(language):
        flash(_("The language of the newsroom is changed."), "success")
    return redirect(url_for("admin.own_sign_in"))


@bp.app_template_global()
def newsroom_languages() -> Sequence[tuple[str, str]]:
    """The languages of the newsroom, and what each calls itself."""
    return [(language, language_name(language)) for language in NEWSROOM_LANGUAGES]


@bp.app_template_global()
def own_zone_choices(chosen: str) -> Sequence[ZoneChoice]:
    """The time zones by country and city, UTC first; with the chosen one, even if it is a former name."""
    language, now = page_language(), parts().clock()
    utc, *others = zone_choices(language, now)
    choices = [ZoneChoice("", utc.label), *others]
    if all(choice.zone != chosen for choice in choices) and chosen in _zones():
        choices.append(ZoneChoice(chosen, zone_label(chosen, language, now)))
    return choices


@cache
def _zones() -> frozenset[str]:
    """All IANA zones. Cached, because reading them from the file system takes 50 ms."""
    return frozenset(available_timezones())

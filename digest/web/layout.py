"""What all pages share: their language, their translations, and the values in their masthead."""

from datetime import UTC
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, g, has_request_context, request, url_for
from flask_babel import Domain, get_locale
from flask_babel import gettext as _
from jinja2 import pass_context
from jinja2.runtime import Context

from digest.editions.pure.note_markup import render_note
from digest.errors import DatelineError, NewsroomText, TranslatableText
from digest.i18n.catalogs import PAGE_LANGUAGES, load_catalog, load_newsroom_catalog
from digest.i18n.locales import language_name, localize_digits, text_direction
from digest.look.pure.look import PAGE_LOGO_HEIGHT, ShownLook
from digest.look.pure.palette import DEFAULT_PALETTE
from digest.parts import parts
from digest.subscribers.descriptions import format_dateline
from digest.web.look_files import styles_url

FILES = ("web.look_logo", "web.look_styles")  # the same in all languages
# The argument that stays in the address of a page when the language is changed. A page with this argument is not kept
# for everybody; no other argument may get into the pages that are.
KEPT_ARGUMENTS = {"web.join": "regions", "web.region": "q"}


class PageTranslations(Domain):  # type: ignore[misc]  # flask_babel has no types
    """The translations of the pages, read from their .po files."""

    def get_translations(self) -> NullTranslations:
        """The translations in the language of the page.

        A page asks several hundred times. They are looked up once, and again when it shows something else.
        """
        deciding = get_locale(), "previewed_look" in g
        found: tuple[object, NullTranslations] | None = g.get("page_translations")
        if found is None or found[0] != deciding:
            found = g.page_translations = (deciding, _find_catalog(deciding[0]))
        return found[1]


def _find_catalog(locale: Locale | None) -> NullTranslations:
    language = locale.language if locale else PAGE_LANGUAGES[0]
    if is_admin_request() and "previewed_look" not in g:
        return load_newsroom_catalog(language)
    return load_catalog("pages", language)


def register(app: Flask) -> None:
    """Give every template the values that the layout needs, and keep a chosen language on all links between pages."""
    app.context_processor(_layout_values)
    app.jinja_env.filters["digits"] = _page_digits
    app.url_defaults(_keep_language)


@pass_context  # so that Jinja does not compute it once for all languages where the text is a constant
def _page_digits(_context: Context, text: object) -> str:
    """The text with the digits of the page's language."""
    return localize_digits(str(text), page_language())


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    is_page = endpoint.startswith("web.") and endpoint not in FILES
    if is_page and has_request_context() and (lang := chosen_language()):
        values.setdefault("lang", lang)


def chosen_language() -> str:
    """The language that the address asks for with `lang`; "" for none. So a choice needs no cookie."""
    lang = request.args.get("lang", "")
    return lang if lang in PAGE_LANGUAGES and not is_admin_request() else ""


def page_language() -> str:
    """The language of a reader's page: the one that was chosen, else the browser's favourite of those that we have."""
    favourite = request.accept_languages.best_match(PAGE_LANGUAGES)
    return chosen_language() or favourite or PAGE_LANGUAGES[0]


def is_admin_request() -> bool:
    """Whether the request is for the newsroom, even if there is no page at its address."""
    return request.blueprint == "admin" or request.path.startswith("/admin/")


def digest_language() -> str:
    """The language to suggest for a digest: the page's if it was chosen, else the browser's favourite."""
    offered = parts().languages
    if (chosen := chosen_language()) in offered:
        return chosen
    return request.accept_languages.best_match(offered) or offered[0]


def translate_message(text: object) -> str:
    """A message, or the message of an error, translated into the language of the page."""
    message = text.args[0] if isinstance(text, DatelineError) and text.args else text
    return _(message.pattern, **message.values) if isinstance(message, TranslatableText) else str(message)


def has_own_words(error: Exception) -> bool:
    """Whether the message of an error was written for readers; others are for editors, commands and the log."""
    message = error.args[0] if error.args else ""
    return isinstance(message, TranslatableText) and not isinstance(message, NewsroomText)


def _layout_values() -> dict[str, Any]:
    lang = str(get_locale() or "en").replace("_", "-")
    look = g.get("previewed_look") or parts().look(lang)
    return {
        **look_values(look),
        "lang": lang,
        "dir": text_direction(lang),
        "dateline_line": format_dateline(parts().clock(), UTC, "UTC", lang),
        "page_languages": [(code, text_direction(code), language_name(code)) for code in PAGE_LANGUAGES],
        "in_language": _in_language,
        "chosen_language": chosen_language(),
        "base_url": parts().settings.base_url,
        "counts_opens": parts().settings.count_opens,
    }


def look_values(look: ShownLook) -> dict[str, Any]:
    """The values of the layout that the look of the site decides."""
    logo, palette = look.shown_logo, look.palette
    return {
        "site_name": look.name,
        "look": look,
        "logo": logo and (url_for("web.look_logo", key=logo.key), *logo.size(PAGE_LOGO_HEIGHT)),
        "look_footer": render_note(look.words.footer).html,
        "look_styles": "" if palette is DEFAULT_PALETTE else styles_url(palette),
    }


def _in_language(lang: str) -> str:
    """The address of this page in another language; of the start page where this one answers a form."""
    endpoint = request.endpoint or ""
    if request.method not in ("GET", "HEAD") or request.url_rule is None or not endpoint.startswith("web."):
        return url_for("web.join", lang=lang)
    name = KEPT_ARGUMENTS.get(endpoint, "")
    # By the first value alone, as the pages decide by it whether they are kept for everybody.
    kept = {name: request.args.getlist(name)} if name and request.args.get(name, "").strip() else {}
    return url_for(endpoint, **{**(request.view_args or {}), **kept, "lang": lang})

"""What all pages share: their language, their translations, and the values in their masthead."""

from datetime import UTC
from typing import Any

from babel.support import NullTranslations
from flask import Flask, request
from flask_babel import Domain, get_locale
from flask_babel import gettext as _

from digest.errors import DatelineError, TranslatableText
from digest.i18n.catalogs import PAGE_LANGUAGES, load_catalog
from digest.i18n.locales import text_direction
from digest.parts import parts
from digest.subscribers.descriptions import format_dateline


class PageTranslations(Domain):  # type: ignore[misc]  # flask_babel has no types
    """The translations of the pages, read from their .po files."""

    def get_translations(self) -> NullTranslations:
        """The translations in the language of the page."""
        locale = get_locale()
        return load_catalog("pages", locale.language if locale else PAGE_LANGUAGES[0])


def register(app: Flask) -> None:
    """Give every template the values that the layout needs."""
    app.context_processor(_layout_values)


def page_language() -> str:
    """The language of this page: the browser's favourite among those that we have."""
    if is_admin_request():  # the newsroom is in English
        return PAGE_LANGUAGES[0]
    return request.accept_languages.best_match(PAGE_LANGUAGES) or PAGE_LANGUAGES[0]


def is_admin_request() -> bool:
    """Whether the request is for the newsroom, even if there is no page at its address."""
    return request.blueprint == "admin" or request.path.startswith("/admin/")


def digest_language() -> str:
    """The language to suggest for a digest: the browser's favourite among those of the digest."""
    offered = parts().languages
    return request.accept_languages.best_match(offered) or offered[0]


def translate_message(text: object) -> str:
    """A message, or the message of an error, translated into the language of the page."""
    message = text.args[0] if isinstance(text, DatelineError) and text.args else text
    return _(message.pattern, **message.values) if isinstance(message, TranslatableText) else str(message)


def _layout_values() -> dict[str, Any]:
    lang = str(get_locale() or "en").replace("_", "-")
    return {
        "lang": lang,
        "dir": text_direction(lang),
        "dateline_line": format_dateline(parts().clock(), UTC, "UTC", lang),
        "site_name": parts().settings.site_name,
    }

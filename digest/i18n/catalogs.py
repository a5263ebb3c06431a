"""Translation catalogues: one per language and domain, read from its .po file when first used.

The .po files are not compiled, so that what is in the source tree is what is shown. `make catalogs` brings them up to
date with the texts in templates and code. The English texts are the keys.
"""

from copy import copy
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

TRANSLATIONS_DIR = Path(__file__).resolve().parent.parent / "translations"
Domain = Literal["mails", "newsroom", "pages"]

# The languages that mails and the readers' pages are written in; the first is the default.
MAIL_LANGUAGES = ("en", "ru", "az", "ka", "hy", "kk", "uk", "tr", "fa", "ar", "fr", "es", "de")
PAGE_LANGUAGES = MAIL_LANGUAGES
NEWSROOM_LANGUAGES = ("en", "ru")


@cache
def load_catalog(domain: Domain, language: str) -> NullTranslations:
    """The translations into a language. Without a .po file the texts stay English."""
    path = TRANSLATIONS_DIR / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain=domain))
    compiled.seek(0)
    return Translations(compiled, domain)


@cache
def load_newsroom_catalog(language: str) -> NullTranslations:
    """The translations of the newsroom, with those of the readers' pages, whose layout it shares."""
    own, shared = load_catalog("newsroom", language), load_catalog("pages", language)
    if isinstance(own, Translations) and isinstance(shared, Translations):
        together = copy(own)  # has the plural forms, which `merge` does not copy
        together._catalog = {**shared._catalog, **own._catalog}
        return together
    return own

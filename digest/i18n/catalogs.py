"""The translations: one catalogue a language and domain, read from its .po file when it is first asked for.

There is nothing to compile, so that what stands in the tree is what readers see. `make catalogs` brings the files up
to date with the texts in templates and code. English is in those themselves.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Literal

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

ROOT = Path(__file__).resolve().parent.parent / "translations"
Domain = Literal["mails", "pages"]  # mails: in every language of the frame; pages: in those of readers' pages

# The languages of the digest's frame, the first one where nobody asked for any.
LANGUAGES = ("en", "ru", "az", "ka", "hy", "kk", "uk", "tr", "fa", "ar", "fr", "es", "de")
PAGE_LANGUAGES = ("en", "ru")


@cache
def catalog(domain: Domain, language: str) -> NullTranslations:
    """The translations of a language; for one without a file, the English of the code itself."""
    path = ROOT / language / "LC_MESSAGES" / f"{domain}.po"
    if not path.is_file():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, domain=domain))
    compiled.seek(0)
    return Translations(compiled, domain)

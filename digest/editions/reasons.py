"""Why a story is in a digest, in the words that subscribers see who asked for them."""

from functools import lru_cache

from digest.i18n.locales import localize_digits, translations


@lru_cache(maxsize=20_000)
def describe_reasons(language: str, source_count: int, first_in: str, is_update: bool) -> str:
    """ "3 sources · first in Central Asia · update". `first_in` is the name of the region that it leads, or ""."""
    catalog = translations(language)
    sources = catalog.ngettext("%(n)s source", "%(n)s sources", source_count) % {"n": source_count}
    reasons = [localize_digits(sources, language)]
    if first_in:
        reasons.append(catalog.gettext("first in %(region)s") % {"region": first_in})
    if is_update:
        reasons.append(catalog.gettext("update"))
    return " · ".join(reasons)

"""Names of regions: CLDR's in every language, and those of the named groups."""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from digest.regions import data_files
from digest.regions.tree.groups import CountryGroup

NamesByLanguage = Mapping[str, Mapping[str, Sequence[str]]]


class RegionNames:
    """Names by language and code. A language falls back on wider ones ("pt-BR" on "pt"), and finally on English."""

    def __init__(
        self,
        by_language: NamesByLanguage,
        aliases: Mapping[str, Sequence[str]],
        terms: Mapping[str, Sequence[str]],
    ) -> None:
        self._by_language = by_language
        self._aliases = aliases
        self._terms = terms

    def with_groups(self, groups: Iterable[CountryGroup]) -> "RegionNames":
        """These names and those of groups. A group's name goes before CLDR's name of the same grouping."""
        group_names: dict[str, dict[str, Sequence[str]]] = {}
        aliases: dict[str, Sequence[str]] = {}
        for group in groups:
            code = group.code or group.slug
            aliases[code] = (*self.aliases(code), *group.aliases)
            for language, name in group.names.items():
                others = (other for other in self.in_language(code, language) if other != name)
                group_names.setdefault(language, {})[code] = (name, *others)
        by_language: dict[str, Mapping[str, Sequence[str]]] = dict(self._by_language)
        for language, names in group_names.items():
            by_language[language] = ChainMap(names, dict(self._by_language.get(language, {})))
        return RegionNames(by_language, ChainMap(aliases, dict(self._aliases)), self._terms)

    def display_name(self, code: str, language: str) -> str:
        """The usual name in a language, else in a wider one or English, else the code itself."""
        for fallback in (*language_chain(language), "en"):
            names = self._by_language.get(fallback, {}).get(code)
            if names:
                return names[0]
        return code

    def in_language(self, code: str, language: str) -> Sequence[str]:
        """All names in one language, the usual one first; empty if there are none."""
        return self._by_language.get(language.replace("_", "-"), {}).get(code, ())

    def aliases(self, code: str) -> Sequence[str]:
        """Other names, in any language."""
        return self._aliases.get(code, ())

    def search_terms(self, code: str) -> Iterator[str]:
        """Other names, demonyms and capitals that people may type instead of the name."""
        yield from self._aliases.get(code, ())
        yield from self._terms.get(code, ())

    def in_all_languages(self, code: str) -> Iterator[str]:
        """The names in all languages."""
        for names in self._by_language.values():
            yield from names.get(code, ())


def language_chain(language: str) -> list[str]:
    """A language and the wider ones that it falls back on: ["pt-BR", "pt"] for "pt_BR"."""
    parts = language.replace("_", "-").split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


@cache
def bundled_names() -> RegionNames:
    """CLDR's names, and the search terms of countries."""
    table = data_files.tree()
    return RegionNames(data_files.names(), table["aliases"], table["search"])

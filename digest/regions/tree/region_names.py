"""What regions are called: CLDR's names in every language it has, and those of the named groups."""

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from digest.regions import data_files
from digest.regions.tree.groups import Group

ByLanguage = Mapping[str, Mapping[str, Sequence[str]]]


class Names:
    """Names by language and code; a language asks its wider ones ("pt-BR", then "pt"), and English last."""

    def __init__(
        self,
        by_language: ByLanguage,
        aliases: Mapping[str, Sequence[str]],
        terms: Mapping[str, Sequence[str]],
    ) -> None:
        self._by_language = by_language
        self._aliases = aliases
        self._terms = terms

    def with_groups(self, groups: Iterable[Group]) -> "Names":
        """These names, and those of groups before what CLDR calls the same grouping."""
        own: dict[str, dict[str, Sequence[str]]] = {}
        aliases: dict[str, Sequence[str]] = {}
        for group in groups:
            code = group.code or group.slug
            aliases[code] = (*self.aliases(code), *group.aliases)
            for language, name in group.names.items():
                others = (other for other in self.all(code, language) if other != name)
                own.setdefault(language, {})[code] = (name, *others)
        tables: dict[str, Mapping[str, Sequence[str]]] = dict(self._by_language)
        for language, table in own.items():
            tables[language] = ChainMap(table, dict(self._by_language.get(language, {})))
        return Names(tables, ChainMap(aliases, dict(self._aliases)), self._terms)

    def display(self, code: str, lang: str) -> str:
        """The usual name, in English (or as the code itself) where the language has none."""
        for language in _wider(lang):
            found = self._by_language.get(language, {}).get(code)
            if found:
                return found[0]
        return code

    def all(self, code: str, lang: str) -> Sequence[str]:
        """All names in one language, the usual first; none where it has none."""
        return self._by_language.get(lang.replace("_", "-"), {}).get(code, ())

    def aliases(self, code: str) -> Sequence[str]:
        """Other names, whatever their language."""
        return self._aliases.get(code, ())

    def search_terms(self, code: str) -> Iterator[str]:
        """Other names, demonyms and capitals: what a reader may type instead of the name."""
        yield from self._aliases.get(code, ())
        yield from self._terms.get(code, ())

    def everywhere(self, code: str) -> Iterator[str]:
        """The names in all languages."""
        for table in self._by_language.values():
            yield from table.get(code, ())


def _wider(lang: str) -> Iterator[str]:
    parts = lang.replace("_", "-").split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
    yield "en"


@cache
def bundled_names() -> Names:
    """CLDR's names, and other names of countries."""
    table = data_files.tree()
    return Names(data_files.names(), table["aliases"], table["search"])

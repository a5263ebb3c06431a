"""What regions are called: CLDR's names in every language it has, and the few that are our own."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from digest.regions import datafiles


class Names:
    """Names by language and code; a language asks its wider ones ("pt-BR", then "pt"), and English last."""

    def __init__(
        self,
        by_language: Mapping[str, Mapping[str, Sequence[str]]],
        aliases: Mapping[str, Sequence[str]],
        terms: Mapping[str, Sequence[str]],
    ) -> None:
        self._by_language = by_language
        self._aliases = aliases
        self._terms = terms

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
def load_names() -> Names:
    """CLDR's names with the names of our groups among them."""
    by_language = {language: dict(table) for language, table in datafiles.names().items()}
    table = datafiles.tree()
    aliases: dict[str, list[str]] = {code: list(others) for code, others in table["aliases"].items()}
    for slug, group in datafiles.groups().items():
        code = group.get("m49", slug)
        aliases.setdefault(code, []).extend(group["aliases"])
        for language, name in group["names"].items():
            names = by_language.setdefault(language, {}).setdefault(code, [])
            by_language[language][code] = [name, *(other for other in names if other != name)]
    return Names(by_language, aliases, table["search"])

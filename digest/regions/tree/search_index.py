"""Finds a region by what people type: a name in any language, a demonym, a capital."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property

from digest.errors import NewsroomText
from digest.regions.pure.text_folding import lookup_key
from digest.regions.tree.region_names import RegionNames

MAX_QUERY = 100  # characters of a query that are read; the longest name of a country has 60
SUGGESTIONS = 3  # similar slugs that an error names
SHORTEST_PREFIX = 3  # letters; in other languages, a shorter query must be a whole name
SHORTEST_FUZZY = 5  # letters; a shorter query is too similar to several names
CLOSE_NAME_RATIO = 0.75  # difflib's ratio: 0.95 for "kazahstan" and "kazakhstan", 0.75 for "iran" and "iraq"
CLOSE_SLUG_RATIO = 0.7


class SearchIndex:
    """The names of regions, prepared for lookup. `codes` maps each slug to its code in `names`."""

    def __init__(self, codes: Mapping[str, str], names: RegionNames) -> None:
        self._codes = codes
        self._names = names

    def name(self, slug: str, language: str) -> str:
        """The usual name in a language."""
        return self._names.display_name(self._codes[slug], language)

    def resolve(self, text: str) -> str | None:
        """The slug of the region with this slug, ISO code or whole name in any language; None if unknown."""
        query = text.strip()[:MAX_QUERY]
        if query.lower() in self._codes:
            return query.lower()
        key = lookup_key(query)
        return self._by_english.get(key) or self._by_any_name.get(key)

    def search(self, query: str, language: str) -> Sequence[str]:
        """Slugs, best first: names that begin with the query come before names in which a later word does."""
        key = lookup_key(query[:MAX_QUERY])
        if not key:
            return ()
        matches = [
            (rank, self.name(slug, language), slug)
            for slug in self._codes
            if (rank := _rank(key, self._terms(slug, language))) is not None
        ]
        best = [slug for _, _, slug in sorted(matches)]
        return best or self._search_all_languages(key) or self._search_similar(key, language)

    def describe_unknown(self, text: str) -> str:
        """An error message for an unknown region, with similar slugs."""
        text = text[:MAX_QUERY]
        slug_by_name = {**{slug: slug for slug in self._codes}, **self._by_english}
        names = get_close_matches(
            lookup_key(text) or text, slug_by_name, n=SUGGESTIONS, cutoff=CLOSE_SLUG_RATIO
        )
        slugs = dict.fromkeys(slug_by_name[name] for name in names)
        if not slugs:
            return NewsroomText(
                "region %(text)s is not known (examples: kz, Kazakhstan, central-asia)", text=repr(text)
            )
        return NewsroomText(
            "region %(text)s is not known; did you mean %(names)s?", text=repr(text), names=", ".join(slugs)
        )

    def _terms(self, slug: str, language: str) -> Iterator[tuple[int, str]]:
        """The folded terms that find a region, each with a penalty: 0 for its name, more for weaker terms."""
        code = self._codes[slug]
        yield 0, lookup_key(self.name(slug, language))
        for name in (*self._names.in_language(code, language), *self._names.in_language(code, "en")):
            yield 1, lookup_key(name)
        for term in self._names.search_terms(code):
            yield 2, lookup_key(term)
        if len(code) == 2 and code.isalpha():
            yield 3, code.lower()

    def _search_all_languages(self, key: str) -> list[str]:
        """Slugs with a name in any language that begins with the key, the shortest name first."""
        names = self._by_any_name
        if len(key) < SHORTEST_PREFIX:
            return [names[key]] if key in names else []
        matches = [(len(name), slug) for name, slug in names.items() if name.startswith(key)]
        return list(dict.fromkeys(slug for _, slug in sorted(matches)))

    def _search_similar(self, key: str, language: str) -> list[str]:
        """Slugs with a term that is spelled almost like the key."""
        if len(key) < SHORTEST_FUZZY:
            return []
        slug_by_term = {term: slug for slug in self._codes for _, term in self._terms(slug, language)}
        terms = get_close_matches(key, slug_by_term, cutoff=CLOSE_NAME_RATIO)
        return list(dict.fromkeys(slug_by_term[term] for term in terms))

    @cached_property
    def _by_english(self) -> dict[str, str]:
        slug_by_name: dict[str, str] = {}
        for slug, code in self._codes.items():
            for name in (
                slug.replace("-", " "),
                *self._names.in_language(code, "en"),
                *self._names.aliases(code),
            ):
                slug_by_name.setdefault(lookup_key(name), slug)
        return slug_by_name

    @cached_property
    def _by_any_name(self) -> dict[str, str]:
        votes_by_name: dict[str, dict[str, int]] = {}
        for slug, code in self._codes.items():
            for name in self._names.in_all_languages(code):
                votes = votes_by_name.setdefault(lookup_key(name), {})
                votes[slug] = votes.get(slug, 0) + 1
        return {name: max(votes, key=lambda slug: votes[slug]) for name, votes in votes_by_name.items()}


def _rank(key: str, terms: Iterable[tuple[int, str]]) -> int | None:
    """The rank of the best match, smaller is better; None if no term has a word that begins with the key."""
    best: int | None = None
    for penalty, term in terms:
        if term == key:
            rank = penalty
        elif term.startswith(key):
            rank = 10 + penalty
        elif f" {key}" in term:
            rank = 20 + penalty
        else:
            continue
        best = rank if best is None else min(best, rank)
    return best

"""Finding a region by what people type: its name in any language, another name, its people, its capital."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property

from digest.regions.pure.text_folding import words
from digest.regions.tree.region_names import Names

MAX_QUERY = 100  # characters of a name to look up; the longest name of a country has 60
SUGGESTIONS = 3
SHORTEST_ELSEWHERE = 3  # letters from which on names of all languages are searched by how they begin
SHORTEST_GUESS = 5  # letters from which on a misspelt name can be told from another one
NEARLY = 0.75  # difflib's ratio: "kazahstan" and "kazakhstan" have 0.95, "iran" and "iraq" 0.75
NEARLY_SLUG = 0.7


class Index:
    """The regions' names, made ready for looking up; `codes` are what they are filed under, by slug."""

    def __init__(self, codes: Mapping[str, str], names: Names) -> None:
        self._codes = codes
        self._names = names

    def name(self, slug: str, lang: str) -> str:
        """The usual name in a language."""
        return self._names.display(self._codes[slug], lang)

    def resolve(self, text: str) -> str | None:
        """The slug that a slug, an ISO code or a whole name stands for."""
        wanted = text.strip()[:MAX_QUERY]
        if wanted.lower() in self._codes:
            return wanted.lower()
        key = words(wanted)
        return self._by_english.get(key) or self._by_any_name.get(key)

    def search(self, query: str, lang: str) -> Sequence[str]:
        """Slugs, best first. A name that begins with the query comes before one in which a later word does."""
        wanted = words(query[:MAX_QUERY])
        if not wanted:
            return ()
        found = [
            (rank, self.name(slug, lang), slug)
            for slug in self._codes
            if (rank := _rank(wanted, self._terms(slug, lang))) is not None
        ]
        best = [slug for _, _, slug in sorted(found)]
        return best or self._elsewhere(wanted) or self._nearly(wanted, lang)

    def unknown(self, text: str) -> str:
        """A sentence for a region that isn't, with those nearest to it."""
        text = text[:MAX_QUERY]
        known = {**dict.fromkeys(self._codes, ""), **self._by_english}
        near = get_close_matches(words(text) or text, known, n=SUGGESTIONS, cutoff=NEARLY_SLUG)
        slugs = dict.fromkeys(known[name] or name for name in near)
        hint = f"did you mean {', '.join(slugs)}?" if slugs else "see `dateline regions list`"
        return f"region {text!r} is not known; {hint}"

    def _terms(self, slug: str, lang: str) -> Iterator[tuple[int, str]]:
        """The folded words a region is found by, each with how far behind an exact name it stands."""
        code = self._codes[slug]
        yield 0, words(self.name(slug, lang))
        for name in (*self._names.all(code, lang), *self._names.all(code, "en")):
            yield 1, words(name)
        for term in self._names.search_terms(code):
            yield 2, words(term)
        if len(code) == 2 and code.isalpha():
            yield 3, code.lower()

    def _elsewhere(self, wanted: str) -> list[str]:
        """Slugs by their names in languages other than the page's."""
        names = self._by_any_name
        if len(wanted) < SHORTEST_ELSEWHERE:
            return [names[wanted]] if wanted in names else []
        found = [(len(name), slug) for name, slug in names.items() if name.startswith(wanted)]
        return list(dict.fromkeys(slug for _, slug in sorted(found)))

    def _nearly(self, wanted: str, lang: str) -> list[str]:
        if len(wanted) < SHORTEST_GUESS:
            return []
        known = {term: slug for slug in self._codes for _, term in self._terms(slug, lang)}
        return list(dict.fromkeys(known[term] for term in get_close_matches(wanted, known, cutoff=NEARLY)))

    @cached_property
    def _by_english(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for slug, code in self._codes.items():
            for name in (slug.replace("-", " "), *self._names.all(code, "en"), *self._names.aliases(code)):
                found.setdefault(words(name), slug)
        return found

    @cached_property
    def _by_any_name(self) -> dict[str, str]:
        counts: dict[str, dict[str, int]] = {}
        for slug, code in self._codes.items():
            for name in self._names.everywhere(code):
                votes = counts.setdefault(words(name), {})
                votes[slug] = votes.get(slug, 0) + 1
        return {name: max(votes, key=lambda slug: votes[slug]) for name, votes in counts.items()}


def _rank(wanted: str, terms: Iterable[tuple[int, str]]) -> int | None:
    """Smaller is better; None where no term holds the words."""
    best: int | None = None
    for behind, term in terms:
        if term == wanted:
            rank = behind
        elif term.startswith(wanted):
            rank = 10 + behind
        elif f" {wanted}" in term:
            rank = 20 + behind
        else:
            continue
        best = rank if best is None else min(best, rank)
    return best

"""The region tree: the world by UN M.49 as CLDR has it, and the named groups that hang beside it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property
from typing import Literal

from digest.errors import NotFoundError
from digest.regions import datafiles
from digest.regions.names import Names, load_names
from digest.regions.spelling import words

Kind = Literal["world", "continent", "subregion", "group", "country"]
MAX_QUERY = 100  # characters of a name to look up; the longest name of a country has 60
SUGGESTIONS = 3


@dataclass(frozen=True, slots=True)
class Region:
    """A place a reader can choose; a country holds itself, everything else the countries below it.

    A group holds what its definition says, some of it perhaps outside its parent (Cyprus: in the EU, in Asia).
    """

    slug: str
    kind: Kind
    parent: str | None
    countries: frozenset[str]  # ISO 3166-1 alpha-2, and XK


class RegionTree:
    """Every region there is, in tree order (a parent before its children, groups after the M.49 ones)."""

    def __init__(self, regions: Iterable[Region], names: Names, codes: Mapping[str, str]) -> None:
        self._regions = {region.slug: region for region in regions}
        self._names = names
        self._codes = dict(codes)  # slug -> the code its names are filed under (an ISO or M.49 code)
        self._children: dict[str, list[Region]] = {}
        for region in self._regions.values():
            if region.parent is not None:
                self._children.setdefault(region.parent, []).append(region)

    def all(self) -> Sequence[Region]:
        """All regions in tree order, the world first."""
        return tuple(self._regions.values())

    def children(self, slug: str) -> Sequence[Region]:
        """The regions right below one; groups and countries have none."""
        return tuple(self._children.get(self.get(slug).slug, ()))

    def get(self, slug: str) -> Region:
        """The region with just this slug, or NotFoundError with the slugs nearest to it."""
        region = self._regions.get(slug)
        if region is None:
            raise NotFoundError(self._unknown(slug))
        return region

    def resolve(self, text: str) -> Region:
        """The region meant by a slug, an ISO code or a name in any language, else NotFoundError.

        Where languages disagree about a name, English wins, then the language with the most of such names.
        """
        wanted = text.strip()[:MAX_QUERY]
        region = self._regions.get(wanted.lower())
        if region is not None:
            return region
        key = words(wanted)
        slug = self._by_english.get(key) or self._by_any_name.get(key)
        if slug is None:
            raise NotFoundError(self._unknown(wanted))
        return self._regions[slug]

    def expand(self, slugs: Iterable[str]) -> frozenset[str]:
        """The countries of several regions together (ISO codes)."""
        return frozenset().union(*(self.get(slug).countries for slug in slugs))

    def name(self, slug: str, lang: str = "en") -> str:
        """What a region is called in a language ("ru", "pt_BR"); in English where that language has no word."""
        self.get(slug)
        return self._names.display(self._codes[slug], lang)

    def search(self, query: str, lang: str = "en") -> Sequence[Region]:
        """Regions by name, other name, demonym or capital, for a box that completes: best first, then A to Z.

        A name that begins with the query comes before one in which a later word does.
        """
        wanted = words(query[:MAX_QUERY])
        if not wanted:
            return ()
        found = [
            (rank, self.name(region.slug, lang), region)
            for region in self._regions.values()
            if (rank := _rank(wanted, self._terms(region.slug, lang))) is not None
        ]
        return tuple(region for _, _, region in sorted(found, key=lambda hit: hit[:2]))

    def _terms(self, slug: str, lang: str) -> Iterator[tuple[int, str]]:
        """The folded words a region is found by, each with how far behind an exact name it stands."""
        code = self._codes[slug]
        yield 0, words(self.name(slug, lang))
        for name in (*self._names.all(code, lang), *self._names.all(code, "en")):
            yield 1, words(name)
        for term in self._names.search_terms(code):
            yield 2, words(term)

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

    def _unknown(self, text: str) -> str:
        known = {**dict.fromkeys(self._regions, ""), **self._by_english}
        near = get_close_matches(words(text) or text, known, n=SUGGESTIONS, cutoff=0.7)
        slugs = dict.fromkeys(known[name] or name for name in near)
        hint = f"did you mean {', '.join(slugs)}?" if slugs else "see `dateline regions list`"
        return f"region {text!r} is not known; {hint}"


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


@cache
def load() -> RegionTree:
    """The tree that comes with the program, read once; names of other languages are read when first asked for."""
    table = datafiles.tree()
    regions = [
        Region(
            slug=row["slug"], kind=row["kind"], parent=row["parent"], countries=frozenset(row["countries"])
        )
        for row in table["regions"]
    ]
    codes = {row["slug"]: row["code"] for row in table["regions"]}
    for slug, group in datafiles.groups().items():
        grouping = group.get("m49")
        countries = table["groupings"][grouping] if grouping else group["countries"]
        regions.append(
            Region(slug=slug, kind="group", parent=group["parent"], countries=frozenset(countries))
        )
        codes[slug] = grouping or slug
    return RegionTree(regions, load_names(), codes)

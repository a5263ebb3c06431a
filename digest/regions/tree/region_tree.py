"""The region tree: the world by UN M.49 as CLDR has it, and the named groups that hang beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from digest.errors import NotFoundError
from digest.regions import data_files
from digest.regions.tree.groups import Group, bundled_groups
from digest.regions.tree.region_names import Names, bundled_names
from digest.regions.tree.search_index import Index

Kind = Literal["world", "continent", "subregion", "group", "country"]


@dataclass(frozen=True, slots=True)
class Region:
    """A place a reader can choose; a country holds itself, everything else the countries below it.

    A group holds what its definition says, some of it perhaps outside its parent (Cyprus: in the EU, in Asia).
    """

    slug: str
    kind: Kind
    parent: str | None
    countries: frozenset[str]  # ISO 3166-1 alpha-2, and XK
    retired: bool = False  # not on offer any more; who has it keeps it


@dataclass(frozen=True, eq=False)
class Shape:
    """The tree at one moment. Never changed: an editor's change makes another one."""

    version: int  # of the editors' changes; 0 is the tree that comes with the program
    regions: dict[str, Region]
    children: dict[str, list[Region]]  # without the retired ones
    groups: Mapping[str, Group]
    index: Index


class RegionTree:
    """Every region there is, in tree order (a parent before its children, groups after the M.49 ones).

    One per process, shared by its threads. `replace` puts editors' changes in: whoever holds the tree sees them, and
    what is read within one call is of one version.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape

    def replace(self, changed: Iterable[Group], version: int) -> None:
        """Take the groups that editors made or changed instead of, or beside, those that come with the program."""
        self.shape = _shape({**bundled_groups(), **{group.slug: group for group in changed}}, version)

    def all(self) -> Sequence[Region]:
        """All regions in tree order, the world first; retired ones, too, as readers may still have them."""
        return tuple(self.shape.regions.values())

    def children(self, slug: str) -> Sequence[Region]:
        """The regions right below one that are on offer; groups and countries have none."""
        return tuple(self.shape.children.get(self.get(slug).slug, ()))

    def get(self, slug: str) -> Region:
        """The region with just this slug, or NotFoundError with the slugs nearest to it."""
        shape = self.shape
        region = shape.regions.get(slug)
        if region is None:
            raise NotFoundError(shape.index.unknown(slug))
        return region

    def group(self, slug: str) -> Group:
        """What a named group was made of, or NotFoundError."""
        shape = self.shape
        if slug not in shape.groups:
            raise NotFoundError(shape.index.unknown(slug))
        return shape.groups[slug]

    def groups(self) -> Sequence[Group]:
        """All named groups, the retired ones among them."""
        return tuple(self.shape.groups.values())

    def resolve(self, text: str) -> Region:
        """The region meant by a slug, an ISO code or a name in any language, else NotFoundError.

        Where languages disagree about a name, English wins, then the language with the most of such names.
        """
        shape = self.shape
        slug = shape.index.resolve(text)
        if slug is None:
            raise NotFoundError(shape.index.unknown(text.strip()))
        return shape.regions[slug]

    def expand(self, slugs: Iterable[str]) -> frozenset[str]:
        """The countries of several regions together (ISO codes)."""
        return frozenset().union(*(self.get(slug).countries for slug in slugs))

    def name(self, slug: str, lang: str = "en") -> str:
        """What a region is called in a language ("ru", "pt_BR"); in English where that language has no word."""
        self.get(slug)
        return self.shape.index.name(slug, lang)

    def search(self, query: str, lang: str = "en") -> Sequence[Region]:
        """Regions on offer by name, other name, demonym or capital, best first, then A to Z.

        Where the page's language and English have none, all languages are tried, and then names spelt nearly so.
        """
        shape = self.shape
        found = (shape.regions[slug] for slug in shape.index.search(query, lang))
        return tuple(region for region in found if not region.retired)


@cache
def bundled() -> Shape:
    """The tree that comes with the program, read once; names of other languages are read when first asked for."""
    return _shape(bundled_groups(), 0)


def load() -> RegionTree:
    """A tree as it comes with the program, for editors' changes to be put in."""
    return RegionTree(bundled())


def _shape(groups: Mapping[str, Group], version: int) -> Shape:
    table = data_files.tree()
    regions = {row["slug"]: _m49(row) for row in table["regions"]}
    codes = {row["slug"]: row["code"] for row in table["regions"]}
    for slug, group in groups.items():
        regions[slug] = Region(slug, "group", group.parent, group.countries, retired=group.retired)
        codes[slug] = group.code or slug
    children: dict[str, list[Region]] = {}
    for region in regions.values():
        if region.parent is not None and not region.retired:
            children.setdefault(region.parent, []).append(region)
    names: Names = bundled_names().with_groups(groups.values())
    return Shape(version, regions, children, groups, Index(codes, names))


def _m49(row: dict[str, Any]) -> Region:
    return Region(row["slug"], row["kind"], row["parent"], frozenset(row["countries"]))

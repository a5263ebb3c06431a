"""The region tree: the world by UN M.49 as CLDR has it, with the named groups beside it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from digest.errors import NewsroomText, NotFoundError
from digest.regions import data_files
from digest.regions.tree.groups import CountryGroup, bundled_groups
from digest.regions.tree.region_names import bundled_names
from digest.regions.tree.search_index import SearchIndex

RegionKind = Literal["world", "continent", "subregion", "group", "country"]


@dataclass(frozen=True, slots=True)
class Region:
    """A region that a subscriber can choose, and its countries.

    A country contains itself; a continent or subregion contains the countries below it. A group contains the countries
    of its definition, which may lie outside its parent (Cyprus: in the EU, in Asia).
    """

    slug: str
    kind: RegionKind
    parent: str | None  # a slug; None for the world
    countries: frozenset[str]  # ISO 3166-1 alpha-2, and XK
    retired: bool = False  # off the forms; subscribers who have it keep it


@dataclass(frozen=True, eq=False)
class TreeSnapshot:
    """One version of the tree. It never changes: an editor's change makes a new snapshot."""

    version: int  # number of editors' changes; 0 is the bundled tree
    regions: dict[str, Region]
    children: dict[str, list[Region]]  # by slug of the parent, without retired groups
    groups: Mapping[str, CountryGroup]
    index: SearchIndex


class RegionTree:
    """All regions in tree order: a parent before its children, groups after the M.49 regions.

    A process has one tree, which its threads share. `apply_changes` replaces the snapshot for all of them. Each method
    reads one version throughout.
    """

    def __init__(self, snapshot: TreeSnapshot) -> None:
        self.snapshot = snapshot

    def apply_changes(self, changed: Iterable[CountryGroup], version: int) -> None:
        """Use the groups that editors added or changed, with the bundled groups that they did not change."""
        self.snapshot = _build_snapshot(
            {**bundled_groups(), **{group.slug: group for group in changed}}, version
        )

    def all(self) -> Sequence[Region]:
        """All regions in tree order, the world first. Retired groups are included: subscribers may still have them."""
        return tuple(self.snapshot.regions.values())

    def children(self, slug: str) -> Sequence[Region]:
        """The regions directly below one, without retired groups. Groups and countries have none."""
        return tuple(self.snapshot.children.get(self.get(slug).slug, ()))

    def parts_of(self, slug: str) -> Sequence[str]:
        """The slugs of the regions that divide a region: those directly below it but groups, which overlap.

        Of a group they are its countries, and of a country itself. Raises NotFoundError.
        """
        below = [region.slug for region in self.children(slug) if region.kind != "group"]
        return below or sorted(code.lower() for code in self.get(slug).countries)

    def get(self, slug: str) -> Region:
        """The region with exactly this slug. Raises NotFoundError, which suggests similar slugs."""
        snapshot = self.snapshot
        region = snapshot.regions.get(slug)
        if region is None:
            raise NotFoundError(snapshot.index.describe_unknown(slug))
        return region

    def group(self, slug: str) -> CountryGroup:
        """The definition of a named group. Raises NotFoundError."""
        snapshot = self.snapshot
        if slug in snapshot.regions and slug not in snapshot.groups:
            raise NotFoundError(
                NewsroomText(
                    "%(slug)s is no group of countries that editors can change; the page Regions lists these",
                    slug=slug,
                )
            )
        if slug not in snapshot.groups:
            raise NotFoundError(snapshot.index.describe_unknown(slug))
        return snapshot.groups[slug]

    def groups(self) -> Sequence[CountryGroup]:
        """All named groups, including retired ones."""
        return tuple(self.snapshot.groups.values())

    def resolve(self, text: str) -> Region:
        """The region of a slug, an ISO code or a name in any language. Raises NotFoundError.

        If a name means several regions, the English meaning wins, then the meaning in the most languages.
        """
        snapshot = self.snapshot
        slug = snapshot.index.resolve(text)
        if slug is None:
            raise NotFoundError(snapshot.index.describe_unknown(text.strip()))
        return snapshot.regions[slug]

    def countries_of(self, slugs: Iterable[str]) -> frozenset[str]:
        """The countries (ISO codes) of several regions together."""
        return frozenset().union(*(self.get(slug).countries for slug in slugs))

    def groups_mostly_within(self, slug: str) -> frozenset[str]:
        """The slugs of the regions of several countries more than half of which are in this region, itself included.

        News about such a group as a whole ("EU") is news for readers of this region ("Europe").
        """
        inside = self.get(slug).countries
        return frozenset(
            region.slug
            for region in self.all()
            if region.kind != "country" and 2 * len(region.countries & inside) > len(region.countries)
        )

    def countries_and_groups(self, slug: str) -> frozenset[str]:
        """What a story may be about to be news for readers of a region: its countries, and groups mostly within it."""
        return self.countries_of([slug]) | self.groups_mostly_within(slug)

    def name(self, slug: str, language: str = "en") -> str:
        """A region's name in a language ("ru", "pt_BR"), in English if the language has none."""
        self.get(slug)
        return self.snapshot.index.name(slug, language)

    def search(self, query: str, language: str = "en") -> Sequence[Region]:
        """The regions with a matching name, other name, demonym or capital, best first, then A to Z.

        The names in `language` and English are searched first, then those in all languages, then similar spellings.
        Retired groups are left out.
        """
        snapshot = self.snapshot
        regions = (snapshot.regions[slug] for slug in snapshot.index.search(query, language))
        return tuple(region for region in regions if not region.retired)


@cache
def bundled_snapshot() -> TreeSnapshot:
    """The bundled tree, built once. Searching names in all languages is prepared at the first such search."""
    return _build_snapshot(bundled_groups(), 0)


def load() -> RegionTree:
    """A new tree with the bundled snapshot, to which editors' changes can be applied."""
    return RegionTree(bundled_snapshot())


def _build_snapshot(groups: Mapping[str, CountryGroup], version: int) -> TreeSnapshot:
    table = data_files.tree()
    regions = {row["slug"]: _m49_region(row) for row in table["regions"]}
    codes = {row["slug"]: row["code"] for row in table["regions"]}
    for slug, group in groups.items():
        regions[slug] = Region(slug, "group", group.parent, group.countries, retired=group.retired)
        codes[slug] = group.code or slug
    children: dict[str, list[Region]] = {}
    for region in regions.values():
        if region.parent is not None and not region.retired:
            children.setdefault(region.parent, []).append(region)
    names = bundled_names().with_groups(groups.values())
    return TreeSnapshot(version, regions, children, groups, SearchIndex(codes, names))


def _m49_region(row: dict[str, Any]) -> Region:
    return Region(row["slug"], row["kind"], row["parent"], frozenset(row["countries"]))

"""The map of the coverage: each country coloured by how much is published about it and whether readers want it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import ngettext

from digest.admin.form_choices import page_language
from digest.articles.source_status import SourceStatus
from digest.parts import parts
from digest.regions.tree.world_outlines import (
    WORLD,
    MapCountry,
    coarse_outlines,
    map_countries,
    map_views,
    world_map,
)

FEW_ARTICLES = 3  # in a week; with fewer, a country's readers get a mail on few days
MANY_ARTICLES = 14  # in a week: two a day, so that there is something to choose from


@dataclass(frozen=True, slots=True)
class CountryCoverage:
    """A country: who wants it, what is published about it, and the sources that are at home there."""

    country: str  # ISO code
    readers: int  # active subscribers who chose it or a region with it, the world aside
    articles: int  # of the period
    sources: int  # that have articles about it
    home_sources: tuple[SourceStatus, ...]
    regional_sources: tuple[SourceStatus, ...] = ()  # that write about other countries of its region

    @property
    def is_gap(self) -> bool:
        """Whether readers want it and hardly anything is published about it."""
        return self.readers > 0 and self.articles < FEW_ARTICLES


class CoverageClass(StrEnum):
    """The classes of the map, which are also those of its style sheet."""

    GAP = "gap"  # wanted, and hardly covered
    SOME = "some"
    MANY = "many"
    UNWANTED = "unwanted"  # articles, and no readers but those of the world
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ClassedCountry:
    """A country of the map, its class, and what it is in words."""

    shape: MapCountry
    kind: CoverageClass
    label: str


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """The map: its countries, how many there are of each class, and the parts of it that can be looked at."""

    countries: Sequence[ClassedCountry]
    counts: Counter[CoverageClass]
    view: str
    view_box: str
    views: Sequence[tuple[str, str, str]]


def draw(rows: Iterable[CountryCoverage], asked_view: str) -> CoverageMap:
    """The map of these countries; a view that does not exist is the world."""
    p, language, by_country = parts(), page_language(), {row.country: row for row in rows}
    boxes = world_map()["views"]
    view = asked_view if asked_view in boxes else WORLD
    every = [_classed(shape, by_country.get(shape.slug.upper())) for shape in map_countries(p.tree, language)]
    counts = Counter(country.kind for country in every)
    shown = [_coarse(country) for country in every] if view == WORLD else _seen(every, boxes[view])
    return CoverageMap(shown, counts, view, boxes[view], map_views(p.tree, language))


def _coarse(country: ClassedCountry) -> ClassedCountry:
    outline = coarse_outlines().get(country.shape.slug, "")
    return replace(country, shape=replace(country.shape, outline=outline))


def _seen(countries: Iterable[ClassedCountry], view_box: str) -> Sequence[ClassedCountry]:
    """The countries that a view shows: those whose middle is in it, or not far from it."""
    left, top, width, height = map(float, view_box.split())
    return [
        country
        for country in countries
        if left - width / 2 <= country.shape.x <= left + width * 1.5
        and top - height / 2 <= country.shape.y <= top + height * 1.5
    ]


def _classed(shape: MapCountry, row: CountryCoverage | None) -> ClassedCountry:
    if row is None:
        return ClassedCountry(shape, CoverageClass.NONE, shape.name)
    readers = ngettext("%(num)s reader", "%(num)s readers", row.readers)
    articles = ngettext("%(num)s article", "%(num)s articles", row.articles)
    label = _(
        "%(country)s: %(readers)s, %(articles)s", country=shape.name, readers=readers, articles=articles
    )
    return ClassedCountry(shape, classify(row), label)


def classify(row: CountryCoverage) -> CoverageClass:
    """The class of a country."""
    if row.is_gap:
        return CoverageClass.GAP
    if not row.readers:
        return CoverageClass.UNWANTED if row.articles else CoverageClass.NONE
    return CoverageClass.MANY if row.articles >= MANY_ARTICLES else CoverageClass.SOME

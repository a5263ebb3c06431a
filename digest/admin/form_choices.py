"""The choices in the forms: the region tree, the countries and the kinds of articles."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import get_locale
from flask_babel import gettext as _

from digest.articles.states import ArticleKind
from digest.i18n.collation import sort_key
from digest.parts import parts
from digest.regions.tree.outline import OUTLINE_CACHE_SIZE, OutlineNode, build_outline, search_outline
from digest.regions.tree.region_tree import RegionTree, TreeSnapshot


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """The regions in a form: the tree or the results of a search, the chosen slugs, and the search text."""

    nodes: Sequence[OutlineNode]
    chosen: frozenset[str]
    query: str
    names: dict[str, str]  # names of the chosen regions, even of those that the search does not find


def page_language() -> str:
    """The language of this page."""
    return str(get_locale() or "en").replace("_", "-")


def region_choice(chosen: Sequence[str], query: str = "") -> RegionChoice:
    """The region tree, or the regions that a search finds."""
    tree, lang = parts().tree, page_language()
    nodes = search_outline(tree, query, lang) if query else build_outline(tree, lang)
    return RegionChoice(nodes, frozenset(chosen), query, {slug: tree.name(slug, lang) for slug in chosen})


def region_options() -> list[tuple[str, str, int]]:
    """(slug, name, depth) of each region of the tree in its order, for a list of choices; each region once."""
    options: dict[str, tuple[str, str, int]] = {}

    def add(nodes: tuple[OutlineNode, ...], depth: int) -> None:
        for node in nodes:
            options.setdefault(node.slug, (node.slug, node.name, depth))
            add(node.children, depth + 1)

    add(build_outline(parts().tree, page_language()), 0)
    return list(options.values())


def country_choices() -> Sequence[tuple[str, str]]:
    """(ISO code, name) of every country, sorted by name."""
    return _sorted_countries(parts().tree.snapshot, page_language())


@lru_cache(maxsize=OUTLINE_CACHE_SIZE)
def _sorted_countries(snapshot: TreeSnapshot, lang: str) -> Sequence[tuple[str, str]]:
    tree = RegionTree(snapshot)
    names = {r.slug.upper(): tree.name(r.slug, lang) for r in tree.all() if r.kind == "country"}
    return sorted(names.items(), key=lambda country: sort_key(country[1], lang))


def kind_choices() -> dict[ArticleKind, str]:
    """The name of every kind of article."""
    return {
        ArticleKind.NEWS: _("News"),
        ArticleKind.ANALYSIS: _("Analysis"),
        ArticleKind.OPINION: _("Opinion"),
        ArticleKind.LIVE: _("Live blog"),
        ArticleKind.ROUNDUP: _("Roundup of several events"),
        ArticleKind.GALLERY: _("Gallery"),
        ArticleKind.VIDEO: _("Video"),
        ArticleKind.PODCAST: _("Podcast"),
        ArticleKind.SPORT: _("Sport"),
        ArticleKind.CULTURE: _("Culture"),
        ArticleKind.LIFESTYLE: _("Lifestyle"),
        ArticleKind.COMMERCE: _("Offers and product tests"),
        ArticleKind.SPONSORED: _("Sponsored"),
        ArticleKind.SERVICE: _("Service: forecasts, horoscopes, puzzles"),
    }

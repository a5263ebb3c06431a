"""What the forms offer: the region tree and the countries."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from flask_babel import get_locale

from digest.parts import parts
from digest.regions.tree.outline import KEPT, Node, found, outline
from digest.regions.tree.region_tree import RegionTree, Shape


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """The regions of a form: those to tick, those ticked, and what was looked for among them."""

    nodes: Sequence[Node]
    chosen: frozenset[str]
    query: str
    names: dict[str, str]  # of the chosen ones, also when the search leaves them out


def language() -> str:
    """The language of this page."""
    return str(get_locale() or "en").replace("_", "-")


def regions(chosen: Sequence[str], query: str = "") -> RegionChoice:
    """The region tree, or what of it a search finds."""
    tree, lang = parts().tree, language()
    nodes = found(tree, query, lang) if query else outline(tree, lang)
    return RegionChoice(nodes, frozenset(chosen), query, {slug: tree.name(slug, lang) for slug in chosen})


def countries() -> Sequence[tuple[str, str]]:
    """Code and name of every country, by name."""
    return _countries(parts().tree.shape, language())


@lru_cache(maxsize=KEPT)
def _countries(shape: Shape, lang: str) -> Sequence[tuple[str, str]]:
    tree = RegionTree(shape)
    found = {r.slug.upper(): tree.name(r.slug, lang) for r in tree.all() if r.kind == "country"}
    return sorted(found.items(), key=lambda country: country[1].casefold())

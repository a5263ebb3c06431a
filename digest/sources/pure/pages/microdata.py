"""Reads the microdata of a page's own article (https://html.spec.whatwg.org/multipage/microdata.html)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from digest.sources.pure.pages.json_ld import ARTICLE_TYPE, PAGE_TYPE
from digest.sources.pure.text.markup import collapse_whitespace

# RDFa's attribute for what microdata calls itemprop, with schema.org's usual prefix.
RDFA_PREFIX = "schema:"
PUBLISHED_NAMES = ("datepublished", "datecreated")


@dataclass(frozen=True, slots=True)
class Microdata:
    """The properties of a page's first article in microdata, and the dates that belong to no item at all."""

    headlines: Sequence[str]
    published: Sequence[str]
    loose_published: Sequence[str]


def find_article_scope(root: etree._Element) -> etree._Element | None:
    """The element of the page's first article. Later articles are teasers for other pages."""
    return next((element for element in root.iter() if _is_article_scope(element)), None)


def read_microdata(root: etree._Element, article_scope: etree._Element | None) -> Microdata:
    """The microdata of the page with this root element, without the items nested in its first article."""
    own = list(_iter_own_properties(article_scope)) if article_scope is not None else []
    return Microdata(
        headlines=[_value(element) for name, element in own if name == "headline"],
        published=[_value(element) for name, element in own if name == "datepublished"],
        loose_published=[_value(element) for element in root.iter() if _is_loose_date(element)],
    )


def is_of_page(element: etree._Element, article_scope: etree._Element | None) -> bool:
    """Whether a property belongs to no item, to the page, or to the first article, and not to another item."""
    for ancestor in element.iterancestors():
        if ancestor.get("itemscope") is not None:
            return ancestor is article_scope or bool(PAGE_TYPE.search(ancestor.get("itemtype") or ""))
    return True


def _is_loose_date(element: etree._Element) -> bool:
    if not isinstance(element.tag, str) or element.tag == "meta":
        return False
    name = element.get("itemprop") or (element.get("property") or "").removeprefix(RDFA_PREFIX)
    return name.lower() in PUBLISHED_NAMES and not any(
        ancestor.get("itemscope") is not None and not PAGE_TYPE.search(ancestor.get("itemtype") or "")
        for ancestor in element.iterancestors()
    )


def _iter_own_properties(scope: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """The names and elements of an item's properties, without those of the items nested in it."""
    waiting = list(reversed(scope))
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        is_item = element.get("itemscope") is not None
        if element.get("itemprop") and not is_item:
            yield (element.get("itemprop") or "").lower(), element
        if not is_item:
            waiting.extend(reversed(element))


def _value(element: etree._Element) -> str:
    value = element.get("content") or element.get("datetime") or "".join(element.itertext())
    return collapse_whitespace(value)


def _is_article_scope(element: etree._Element) -> bool:
    """Whether this element's microdata (itemscope, itemtype) describe an article."""
    return (
        isinstance(element.tag, str)
        and element.get("itemscope") is not None
        and bool(ARTICLE_TYPE.search(element.get("itemtype") or ""))
    )

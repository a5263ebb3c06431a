"""Reads the objects of a page's JSON-LD (https://www.w3.org/TR/json-ld11/, schema.org's vocabulary)."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from lxml import etree

from digest.sources.pure.text.markup import html_to_text

MAX_JSON_LD_LENGTH = 500_000  # characters of one JSON-LD block
MAX_NODES = 2_000  # of JSON-LD on a page
ARTICLE_TYPE = re.compile(r"article|posting|report(?!er)|newsstory|liveblog", re.IGNORECASE)
PAGE_TYPE = re.compile(r"(?:web|about|item|faq|qa|medicalweb)page$", re.IGNORECASE)
# JSON forbids raw line ends in strings, but much JSON-LD has them.
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f]")
# The properties that we read of a block that is no JSON, as one with an unescaped quotation mark.
DATE_PROPERTY = re.compile(r'"(datePublished|dateModified)"\s*:\s*"([^"\\]{4,40})"')
TYPE_PROPERTY = re.compile(r'"@type"\s*:\s*"([^"\\]{4,40})"')

Node = dict[str, Any]  # an object of JSON-LD


def read_nodes(root: etree._Element) -> list[Node]:
    """The objects of the page's JSON-LD, also those in graphs and lists, but not those nested in others.

    What is nested describes another thing: a list's items, a comment, a picture, a part.
    """
    return list(_iter_nodes(root))


def choose_articles(nodes: Iterable[Node], page_urls: frozenset[str]) -> list[Node]:
    """The objects that are articles; those of `page_urls`, the addresses of the page itself, come first.

    Others may be teasers.
    """
    articles = [node for node in nodes if _has_type(node, ARTICLE_TYPE)]
    return sorted(articles, key=lambda node: not _is_about(node, page_urls))


def choose_pages(nodes: Iterable[Node]) -> list[Node]:
    """The objects that are the web page."""
    return [node for node in nodes if _has_type(node, PAGE_TYPE)]


def texts(nodes: Iterable[Node], key: str) -> list[str]:
    """The values of a property that are text."""
    values = (node.get(key) for node in nodes)
    return [html_to_text(value) for value in values if isinstance(value, str)]


def dates(articles: Iterable[Node], key: str) -> list[str]:
    """The values of a date of articles; some sites write it at the article's page instead (`mainEntityOfPage`)."""
    found: list[str] = []
    for article in articles:
        page = article.get("mainEntityOfPage")
        found += texts([article], key) or (texts([page], key) if isinstance(page, dict) else [])
    return found


def _iter_nodes(root: etree._Element) -> Iterator[Node]:
    waiting = [
        _parse(script.text or "")
        for script in root.iter("script")
        if "ld+json" in (script.get("type") or "").lower()
    ]
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting[:0] = node
        elif isinstance(node, dict):
            yield node
            children = (node.get(key) for key in ("@graph", "mainEntity"))
            waiting += [child for child in children if isinstance(child, dict | list)]


def _parse(text: str) -> Any:
    """The value of a JSON-LD block, with or without an HTML comment around it; None if nothing can be read of it."""
    cleaned = CONTROL_CHARACTER.sub(" ", text).strip().removeprefix("<!--").removesuffix("-->")
    cleaned = cleaned.strip().rstrip(";")
    if len(cleaned) > MAX_JSON_LD_LENGTH:
        return None
    try:
        return json.loads(cleaned)
    except (ValueError, RecursionError):
        return _read_broken_block(cleaned)


def _read_broken_block(text: str) -> Node | None:
    """The first type and the first dates in a block that is no JSON; None if that type is no article."""
    first_type = TYPE_PROPERTY.search(text)
    if first_type is None or not ARTICLE_TYPE.search(first_type[1]):
        return None
    found = [(match[1], match[2]) for match in DATE_PROPERTY.finditer(text)]
    return {"@type": first_type[1], **dict(reversed(found))}


def _has_type(node: Node, pattern: re.Pattern[str]) -> bool:
    types = node.get("@type")
    return any(
        isinstance(name, str) and pattern.search(name)
        for name in (types if isinstance(types, list) else [types])
    )


def _is_about(node: Node, page_urls: frozenset[str]) -> bool:
    page = node.get("mainEntityOfPage")
    values = [node.get("url"), node.get("@id"), page.get("@id") if isinstance(page, dict) else page]
    return any(isinstance(value, str) and value.partition("#")[0] in page_urls for value in values)

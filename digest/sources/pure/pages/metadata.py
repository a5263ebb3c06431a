"""Reads the metadata of a page: JSON-LD, microdata and meta elements (schema.org, ogp.me, Dublin Core)."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from digest.sources.pure.entries import ImageSize, parse_image_size
from digest.sources.pure.text.markup import collapse_whitespace, html_to_text, resolve_web_url

MAX_JSON_LD_LENGTH = 500_000  # characters of one JSON-LD block
MAX_NODES = 2_000  # of JSON-LD on a page
MAX_AUTHORS = 10
MAX_AUTHOR_LENGTH = 100  # characters
ARTICLE_TYPE = re.compile(r"article|posting|report(?!er)|newsstory|liveblog", re.IGNORECASE)
# JSON forbids raw line ends in strings, but much JSON-LD has them.
CONTROL_CHARACTER = re.compile(r"[\x00-\x1f]")
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_]|$)")
# Names of meta elements, the most reliable first.
PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article.published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "publish-date", "publish_date", "publication_date",
    "pubdate", "published_at", "publishdate", "article_date_original", "citation_publication_date",
    "originalpublicationdate", "timestamp", "date", "last-published", "mediator_published_time",
)  # fmt: skip
MODIFIED_META = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "lastmod",
    "last-modified",
)
TITLE_META = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "headline", "title")
AUTHOR_META = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "cxenseparse:author",
    "mediator_author",
)
OPEN_GRAPH_IMAGE_META = ("og:image:secure_url", "og:image", "og:image:url")
IMAGE_META = (
    *OPEN_GRAPH_IMAGE_META,
    "twitter:image",
    "twitter:image:src",
    "thumbnail",
    "parsely-image-url",
)

Meta = dict[str, list[str]]  # contents of the meta elements, by name
Node = dict[str, Any]  # an object of JSON-LD


@dataclass(frozen=True)
class PageMetadata:
    """The metadata of a page; a missing value is "" or empty. Dates are as written, the most reliable first."""

    headlines: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    author: str = ""
    image: str = ""
    image_size: ImageSize | None = None
    language: str = ""
    site: str = ""
    canonical: str = ""
    html_title: str = ""  # <title>: the headline, mostly with the site's name
    is_article: bool = False


@dataclass(frozen=True, slots=True)
class _Microdata:
    """The properties of a page's first article in microdata."""

    headlines: Sequence[str]
    published: Sequence[str]


def read_metadata(root: etree._Element, *, base_url: str) -> PageMetadata:
    """The metadata of the page with this root element. Relative URLs in it are relative to `base_url`."""
    meta = _read_meta(root)
    articles = [node for node in _iter_json_ld(root) if _is_article(node)]
    microdata = _read_microdata(root)
    return PageMetadata(
        headlines=_unique(
            [*_texts(articles, "headline"), *microdata.headlines, *_contents(meta, TITLE_META)]
        ),
        published=_unique(
            [*_texts(articles, "datePublished"), *_contents(meta, PUBLISHED_META), *microdata.published]
        ),
        modified=_unique([*_contents(meta, MODIFIED_META), *_texts(articles, "dateModified")]),
        author=_find_author(articles, meta, root),
        image=_find_image(articles, meta, base_url),
        image_size=_find_image_size(meta),
        language=_find_language(root, meta, articles),
        site=next(iter(_contents(meta, ("og:site_name", "application-name"))), ""),
        canonical=_find_canonical(root, meta, base_url),
        html_title=collapse_whitespace(root.findtext(".//title") or ""),
        is_article=bool(articles) or "article" in _contents(meta, ("og:type",)),
    )


def _read_meta(root: etree._Element) -> Meta:
    meta: Meta = {}
    for element in root.iter("meta"):
        names = (element.get(attribute) for attribute in ("property", "name", "itemprop", "http-equiv"))
        name = next(filter(None, names), None)
        content = collapse_whitespace(element.get("content") or "")
        if name and content:
            meta.setdefault(name.strip().lower(), []).append(content)
    return meta


def _contents(meta: Meta, names: Iterable[str]) -> list[str]:
    """The contents of the meta elements with these names, in the order of the names."""
    return [content for name in names for content in meta.get(name, ())]


def _iter_json_ld(root: etree._Element) -> Iterator[Node]:
    """The objects of the page's JSON-LD, also those in graphs and lists."""
    waiting = [
        _parse_json(script.text or "")
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


def _parse_json(text: str) -> Any:
    """The value of a JSON-LD block, with or without an HTML comment around it; None if it can't be parsed."""
    cleaned = CONTROL_CHARACTER.sub(" ", text).strip().removeprefix("<!--").removesuffix("-->")
    cleaned = cleaned.strip().rstrip(";")
    try:
        return json.loads(cleaned) if len(cleaned) <= MAX_JSON_LD_LENGTH else None
    except (ValueError, RecursionError):
        return None


def _is_article(node: Node) -> bool:
    types = node.get("@type")
    return any(
        isinstance(name, str) and ARTICLE_TYPE.search(name)
        for name in (types if isinstance(types, list) else [types])
    )


def _texts(nodes: Iterable[Node], key: str) -> list[str]:
    """The values of a property that are text."""
    values = (node.get(key) for node in nodes)
    return [html_to_text(value) for value in values if isinstance(value, str)]


def _read_microdata(root: etree._Element) -> _Microdata:
    scopes = (element for element in root.iter() if _is_article_scope(element))
    properties: dict[str, list[str]] = {"headline": [], "datepublished": []}
    # Only the first article is read: later ones are teasers for other pages.
    for element in next(scopes, etree.Element("html")).iter():
        name = (element.get("itemprop") or "").lower() if isinstance(element.tag, str) else ""
        if name in properties:
            value = element.get("content") or element.get("datetime") or "".join(element.itertext())
            properties[name].append(collapse_whitespace(value))
    return _Microdata(properties["headline"], properties["datepublished"])


def _is_article_scope(element: etree._Element) -> bool:
    """Whether this element's microdata (itemscope, itemtype) describe an article."""
    return (
        isinstance(element.tag, str)
        and element.get("itemscope") is not None
        and bool(ARTICLE_TYPE.search(element.get("itemtype") or ""))
    )


def _find_author(articles: Iterable[Node], meta: Meta, root: etree._Element) -> str:
    """The names of the authors, separated by commas."""
    names = _without_urls(name for article in articles for name in _person_names(article.get("author")))
    names = names or _without_urls(_contents(meta, AUTHOR_META))
    names = names or [
        collapse_whitespace("".join(element.itertext()))
        for element in root.iter("a", "span", "p", "div", "address")
        if "author" in ((element.get("rel") or "") + " " + (element.get("itemprop") or "")).split()
    ]
    return ", ".join(
        dict.fromkeys(name for name in names[:MAX_AUTHORS] if 0 < len(name) <= MAX_AUTHOR_LENGTH)
    )


def _without_urls(names: Iterable[str]) -> list[str]:
    """The names without the addresses of profiles that some sites give in their place."""
    return [name for name in names if not name.startswith(("http://", "https://"))]


def _person_names(value: Any) -> list[str]:
    """The names in an author property: a text, an object with a name, or a list of these."""
    if isinstance(value, list):
        persons = [person for person in value[:MAX_AUTHORS] if not isinstance(person, list)]
        return [name for person in persons for name in _person_names(person)]
    name = value.get("name") if isinstance(value, dict) else value
    return [html_to_text(name)] if isinstance(name, str) else []


def _find_image(articles: Iterable[Node], meta: Meta, base_url: str) -> str:
    urls = _contents(meta, IMAGE_META) + [
        url for node in articles for url in _first_image_url(node.get("image"))
    ]
    return _first_web_url(urls, base_url)


def _find_image_size(meta: Meta) -> ImageSize | None:
    """The size of the first Open Graph image, which `_find_image` takes before all others."""
    sides = [meta.get(f"og:image:{side}", [""])[0] for side in ("width", "height")]
    return parse_image_size(sides) if any(meta.get(name) for name in OPEN_GRAPH_IMAGE_META) else None


def _first_image_url(value: Any) -> list[str]:
    """The first URL in an image property: a text, an object with a URL, or a list of these."""
    first = value[0] if isinstance(value, list) and value else value
    url = first.get("url") if isinstance(first, dict) else first
    return [url] if isinstance(url, str) else []


def _find_language(root: etree._Element, meta: Meta, articles: Iterable[Node]) -> str:
    """The page's language tag, for example "pt-BR"."""
    tags = [
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        *_contents(meta, ("og:locale", "content-language", "language", "dc.language")),
        *_texts(articles, "inLanguage"),
    ]
    return next((tag.replace("_", "-")[:35] for tag in tags if LANGUAGE_TAG.match(tag)), "")


def _find_canonical(root: etree._Element, meta: Meta, base_url: str) -> str:
    """The page's canonical URL."""
    urls = [
        link.get("href")
        for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    return _first_web_url([*urls, *_contents(meta, ("og:url",))], base_url)


def _first_web_url(urls: Iterable[str | None], base_url: str) -> str:
    return next(filter(None, (resolve_web_url(url, base_url) for url in urls)), "")


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))

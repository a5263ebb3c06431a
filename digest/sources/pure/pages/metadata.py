"""Reads the metadata of a page: JSON-LD, microdata and meta elements (schema.org, ogp.me, Dublin Core)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from digest.sources.pure.entries import ImageSize, parse_image_size
from digest.sources.pure.pages.json_ld import Node, choose_articles, choose_pages, dates, read_nodes, texts
from digest.sources.pure.pages.microdata import find_article_scope, is_of_page, read_microdata
from digest.sources.pure.text.markup import (
    collapse_whitespace,
    html_to_text,
    resolve_web_url,
    strip_fragment,
)

MAX_AUTHORS = 10
MAX_AUTHOR_LENGTH = 100  # characters
LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_]|$)")
# Names of meta elements, the most reliable first.
PUBLISHED_META = (
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article.published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "publish-date", "publish_date", "publication_date",
    "pubdate", "published_at", "publishdate", "article_date_original", "citation_publication_date",
    "originalpublicationdate", "timestamp", "date", "last-published", "mediator_published_time",
)  # fmt: skip
# Other names that say the same, with any prefix: "shareaholic:article_published_time", "cms.first-published".
PUBLISHED_NAME = re.compile(
    r"(?:^|[:._-])(?:(?:first|article)[_-]?)*(?:publish(?:ed)?(?:[_-]?(?:time|date|at|on))?|pub[_-]?date"
    r"|date[_-]?publish(?:ed)?|publication[_-]?(?:date|time)|(?:issue|release|creation|create)[_-]?date|issued)$"
)
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


def read_metadata(root: etree._Element, *, base_url: str) -> PageMetadata:
    """The metadata of the page with this root element. Relative URLs in it are relative to `base_url`."""
    article_scope = find_article_scope(root)
    meta = _read_meta(root, article_scope)
    nodes = read_nodes(root)
    canonical = _find_canonical(root, meta, base_url)
    page_urls = frozenset(strip_fragment(url) for url in (base_url, canonical) if url)
    articles = choose_articles(nodes, page_urls)
    microdata = read_microdata(root, article_scope)
    other_published = [content for name in meta if PUBLISHED_NAME.search(name) for content in meta[name]]
    return PageMetadata(
        headlines=_unique([*texts(articles, "headline"), *microdata.headlines, *_contents(meta, TITLE_META)]),
        published=_unique(
            [
                *dates(articles, "datePublished"),
                *_contents(meta, PUBLISHED_META),
                *microdata.published,
                *other_published,
                *dates(articles, "dateCreated"),
                *texts(choose_pages(nodes), "datePublished"),
                *microdata.loose_published,
            ]
        ),
        modified=_unique([*_contents(meta, MODIFIED_META), *dates(articles, "dateModified")]),
        author=_find_author(articles, meta, root),
        image=_find_image(articles, meta, base_url),
        image_size=_find_image_size(meta),
        language=_find_language(root, meta, articles),
        site=next(iter(_contents(meta, ("og:site_name", "application-name"))), ""),
        canonical=canonical,
        html_title=collapse_whitespace(root.findtext(".//title") or ""),
        is_article=bool(articles) or "article" in _contents(meta, ("og:type",)),
    )


def _read_meta(root: etree._Element, article_scope: etree._Element | None) -> Meta:
    meta: Meta = {}
    for element in root.iter("meta"):
        content = collapse_whitespace(element.get("content") or "")
        names = {(element.get(name) or "").strip().lower() for name in ("property", "name", "http-equiv")}
        if element.get("itemprop") and is_of_page(element, article_scope):
            names.add((element.get("itemprop") or "").strip().lower())
        for name in sorted(names - {""}) if content else ():
            meta.setdefault(name, []).append(content)
    return meta


def _contents(meta: Meta, names: Iterable[str]) -> list[str]:
    """The contents of the meta elements with these names, in the order of the names."""
    return [content for name in names for content in meta.get(name, ())]


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
        root.get("lang") or root.get("xml:lang") or "",  # HTML's parser knows no namespaces
        *_contents(meta, ("og:locale", "content-language", "language", "dc.language")),
        *texts(articles, "inLanguage"),
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

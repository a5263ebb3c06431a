"""What a page says of itself to machines: JSON-LD, microdata and meta elements (schema.org, ogp.me, Dublin Core)."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from digest.sources.pure.entries import Size, as_size
from digest.sources.pure.text.markup import one_line, plain_text, web_url

MAX_JSON = 500_000  # characters of one JSON-LD block
MAX_NODES = 2_000
MAX_NAMES = 10  # authors
ARTICLE = re.compile(r"article|posting|report(?!er)|newsstory|liveblog", re.IGNORECASE)
BREAKING = re.compile(r"[\x00-\x1f]")  # raw line ends within strings: not JSON, and in many a JSON-LD
PUBLISHED = (  # names of meta elements, the most telling first
    "article:published_time", "og:article:published_time", "og:published_time", "datepublished", "article.published",
    "parsely-pub-date", "sailthru.date", "cxenseparse:recs:publishtime", "dc.date.issued", "dcterms.issued",
    "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "publish-date", "publish_date", "publication_date",
    "pubdate", "published_at", "publishdate", "article_date_original", "citation_publication_date",
    "originalpublicationdate", "timestamp", "date", "last-published", "mediator_published_time",
)  # fmt: skip
MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "dcterms.modified",
    "lastmod",
    "last-modified",
)
TITLES = ("og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "headline", "title")
AUTHORS = (
    "author",
    "article:author",
    "parsely-author",
    "sailthru.author",
    "dc.creator",
    "byl",
    "cxenseparse:author",
    "mediator_author",
)
OPEN_GRAPH = ("og:image:secure_url", "og:image", "og:image:url")
IMAGES = (
    *OPEN_GRAPH,
    "twitter:image",
    "twitter:image:src",
    "thumbnail",
    "parsely-image-url",
)


@dataclass(frozen=True)
class Facts:
    """What was said, "" or empty where nothing was; dates are as written, the most telling first."""

    headlines: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    author: str = ""
    image: str = ""
    image_size: Size | None = None
    language: str = ""
    site: str = ""
    canonical: str = ""
    window_title: str = ""  # <title>: the headline, mostly with the site's name
    is_article: bool = False


def read_facts(root: etree._Element, *, base: str) -> Facts:
    """What the page whose elements these are says of itself."""
    meta = _meta(root)
    nodes = [node for node in _nodes(root) if _is_article(node)]
    spoken = list(_microdata(root))
    named = [text for name, text in spoken if name == "headline"]
    return Facts(
        headlines=_unique([*_said(nodes, "headline"), *named, *_values(meta, TITLES)]),
        published=_unique(
            [
                *_said(nodes, "datePublished"),
                *_values(meta, PUBLISHED),
                *(t for n, t in spoken if n == "datepublished"),
            ]
        ),
        modified=_unique([*_values(meta, MODIFIED), *_said(nodes, "dateModified")]),
        author=_author(nodes, meta, root),
        image=_image(nodes, meta, base),
        image_size=_image_size(meta),
        language=_language(root, meta, nodes),
        site=next(iter(_values(meta, ("og:site_name", "application-name"))), ""),
        canonical=_canonical(root, meta, base),
        window_title=one_line(root.findtext(".//title") or ""),
        is_article=bool(nodes) or "article" in _values(meta, ("og:type",)),
    )


def _meta(root: etree._Element) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in root.iter("meta"):
        name = (
            element.get("property")
            or element.get("name")
            or element.get("itemprop")
            or element.get("http-equiv")
        )
        content = one_line(element.get("content") or "")
        if name and content:
            found.setdefault(name.strip().lower(), []).append(content)
    return found


def _values(meta: dict[str, list[str]], names: tuple[str, ...]) -> list[str]:
    return [value for name in names for value in meta.get(name, ())]


def _nodes(root: etree._Element) -> Iterator[dict[str, Any]]:
    """All objects of the page's JSON-LD, those of graphs and lists too."""
    waiting: list[Any] = []
    for script in root.iter("script"):
        if "ld+json" in (script.get("type") or "").lower():
            waiting.append(_json(script.text or ""))
    for _ in range(MAX_NODES):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, list):
            waiting[:0] = node
        elif isinstance(node, dict):
            yield node
            waiting += [
                node[key] for key in ("@graph", "mainEntity") if isinstance(node.get(key), dict | list)
            ]


def _json(text: str) -> Any:
    cleaned = BREAKING.sub(" ", text).strip().removeprefix("<!--").removesuffix("-->").strip().rstrip(";")
    try:
        return json.loads(cleaned) if len(cleaned) <= MAX_JSON else None
    except (ValueError, RecursionError):
        return None


def _is_article(node: dict[str, Any]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and ARTICLE.search(kind)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _said(nodes: list[dict[str, Any]], key: str) -> list[str]:
    return [plain_text(value) for node in nodes for value in [node.get(key)] if isinstance(value, str)]


def _microdata(root: etree._Element) -> Iterator[tuple[str, str]]:
    """The properties of the page's first article in microdata; those of a second are another article's."""
    for scope in root.iter():
        if (
            isinstance(scope.tag, str)
            and scope.get("itemscope") is not None
            and ARTICLE.search(scope.get("itemtype") or "")
        ):
            for element in scope.iter():
                name = (element.get("itemprop") or "").lower() if isinstance(element.tag, str) else ""
                if name in ("headline", "datepublished"):
                    yield (
                        name,
                        one_line(
                            element.get("content") or element.get("datetime") or "".join(element.itertext())
                        ),
                    )
            return


def _author(nodes: list[dict[str, Any]], meta: dict[str, list[str]], root: etree._Element) -> str:
    people = [
        name
        for node in nodes
        for name in _names(node.get("author"))
        if not name.startswith(("http://", "https://"))
    ]
    people = people or [
        name for name in _values(meta, AUTHORS) if not name.startswith(("http://", "https://"))
    ]
    people = people or [
        one_line("".join(element.itertext()))
        for element in root.iter("a", "span", "p", "div", "address")
        if "author" in ((element.get("rel") or "") + " " + (element.get("itemprop") or "")).split()
    ]
    return ", ".join(dict.fromkeys(name for name in people[:MAX_NAMES] if 0 < len(name) <= 100))


def _names(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for one in value[:MAX_NAMES] for name in _names(one) if not isinstance(one, list)]
    name = value.get("name") if isinstance(value, dict) else value
    return [plain_text(name)] if isinstance(name, str) else []


def _image(nodes: list[dict[str, Any]], meta: dict[str, list[str]], base: str) -> str:
    candidates = [
        *_values(meta, IMAGES),
        *(address for node in nodes for address in _addresses(node.get("image"))),
    ]
    return next((url for url in (web_url(one, base) for one in candidates) if url), "")


def _image_size(meta: dict[str, list[str]]) -> Size | None:
    """The size of the first picture that the page names by Open Graph, which is the one that is taken."""
    sides = [meta.get(f"og:image:{side}", [""])[0] for side in ("width", "height")]
    return as_size(sides) if any(meta.get(name) for name in OPEN_GRAPH) else None


def _addresses(value: Any) -> list[str]:
    first = value[0] if isinstance(value, list) and value else value
    address = first.get("url") if isinstance(first, dict) else first
    return [address] if isinstance(address, str) else []


def _language(root: etree._Element, meta: dict[str, list[str]], nodes: list[dict[str, Any]]) -> str:
    said = [
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "",
        *_values(meta, ("og:locale", "content-language", "language", "dc.language")),
        *_said(nodes, "inLanguage"),
    ]
    return next((one.replace("_", "-")[:35] for one in said if re.match(r"[A-Za-z]{2,3}(?:[-_]|$)", one)), "")


def _canonical(root: etree._Element, meta: dict[str, list[str]], base: str) -> str:
    links = [
        link.get("href")
        for link in root.iter("link")
        if "canonical" in (link.get("rel") or "").lower().split()
    ]
    return next(
        (url for url in (web_url(one, base) for one in [*links, *_values(meta, ("og:url",))]) if url), ""
    )


def _unique(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))

"""Reader and writer for OPML 2.0 lists of feeds (http://opml.org/spec2.opml)."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from digest.errors import InvalidInputError, NewsroomText
from digest.sources.pure.feeds.xml_parser import create_xml_parser
from digest.sources.pure.text.markup import collapse_whitespace
from digest.sources.states import SourceKind

MAX_BYTES = 5 * 1024 * 1024
MAX_SOURCES = 5_000
LINK_KINDS = {kind.value: kind for kind in (SourceKind.PAGE, SourceKind.SITEMAP)}  # sources written as links


@dataclass(frozen=True)
class OpmlSource:
    """A source in a list. `category` is the path of its folders, joined by "/"."""

    url: str
    title: str = ""
    category: str = ""
    link: str = ""  # the site's URL
    language: str = ""
    kind: SourceKind = SourceKind.FEED


def read_opml(body: bytes) -> tuple[OpmlSource, ...]:
    """Return the sources of an OPML file, each URL once.

    The URLs are not validated. Raises `InvalidInputError` if the file is not OPML or lists no sources.
    """
    if len(body) > MAX_BYTES:
        raise InvalidInputError(
            NewsroomText(
                "the file has %(count)s bytes; the most we read is %(max_bytes)s",
                count=f"{len(body):,}",
                max_bytes=f"{MAX_BYTES:,}",
            )
        )
    try:
        root = etree.fromstring(body, create_xml_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInputError(NewsroomText("this is not an OPML file: %(error)s", error=error)) from error
    if root is None or str(root.tag).lower() != "opml":
        raise InvalidInputError(NewsroomText("this is not an OPML file: its first tag is not <opml>"))
    sources: dict[str, OpmlSource] = {}
    for outline in root.iter("outline"):
        source = _source(outline)
        if source.url:
            sources.setdefault(source.url, source)
    if not sources:
        raise InvalidInputError(
            NewsroomText("this OPML file names no feeds: no <outline> in it has an xmlUrl")
        )
    if len(sources) > MAX_SOURCES:
        raise InvalidInputError(
            NewsroomText(
                "this OPML file names %(count)s feeds; split it into files of %(max_sources)s",
                count=f"{len(sources):,}",
                max_sources=f"{MAX_SOURCES:,}",
            )
        )
    return tuple(sources.values())


def write_opml(sources: Iterable[OpmlSource], *, title: str = "Sources") -> bytes:
    """Return an OPML 2.0 file that `read_opml` can read, with a folder for each category."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = collapse_whitespace(title)
    body = etree.SubElement(root, "body")
    folders = {"": body}
    for source in sources:
        category = collapse_whitespace(source.category)
        if category not in folders:
            folders[category] = etree.SubElement(body, "outline", text=category)
        name = collapse_whitespace(source.title) or source.url
        etree.SubElement(folders[category], "outline", _attributes(source, name))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _attributes(source: OpmlSource, name: str) -> dict[str, str]:
    """Return the outline attributes of a source. For other programs, pages and sitemaps are plain links."""
    attributes: dict[str, str] = {"text": name, "title": name}
    if source.kind == SourceKind.FEED:
        attributes |= {"type": "rss", "xmlUrl": source.url}
    else:
        attributes |= {"type": "link", "url": source.url, "datelineKind": source.kind.value}
    optional = {"htmlUrl": collapse_whitespace(source.link), "language": collapse_whitespace(source.language)}
    return attributes | {key: value for key, value in optional.items() if value}


def _source(outline: etree._Element) -> OpmlSource:
    """Return the source in an outline. Its URL is "" if the outline is a folder or a bookmark."""
    # The kind is required, because links that other programs write are bookmarks.
    link_kind = LINK_KINDS.get(_attribute(outline, "datelineKind"))
    return OpmlSource(
        url=_attribute(outline, "url" if link_kind else "xmlUrl"),
        title=_title(outline),
        category=_category(outline),
        link=_attribute(outline, "htmlUrl"),
        language=_attribute(outline, "language"),
        kind=link_kind or SourceKind.FEED,
    )


def _title(outline: etree._Element) -> str:
    return collapse_whitespace(_attribute(outline, "title") or _attribute(outline, "text"))


def _category(outline: etree._Element) -> str:
    """Return the path of the outline's folders, outermost first, or else its category attribute."""
    folders = [_title(parent) for parent in outline.iterancestors("outline")]
    return "/".join(reversed([name for name in folders if name])) or collapse_whitespace(
        _attribute(outline, "category")
    ).strip("/")


def _attribute(outline: etree._Element, name: str) -> str:
    """Return an attribute's value; upper and lower case in its name count as equal."""
    return next(
        (str(value).strip() for key, value in outline.items() if str(key).lower() == name.lower()), ""
    )

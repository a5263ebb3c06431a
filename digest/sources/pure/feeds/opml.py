"""Reader and writer for OPML 2.0 lists of feeds (http://opml.org/spec2.opml)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from digest.errors import InvalidInputError, NewsroomText
from digest.sources.pure.feeds.xml_parser import create_xml_parser
from digest.sources.pure.folders import SEPARATOR, fit_folder
from digest.sources.pure.text.markup import collapse_whitespace
from digest.sources.states import SourceKind

MAX_BYTES = 5 * 1024 * 1024
MAX_SOURCES = 5_000
MAX_OUTLINES = 2 * MAX_SOURCES  # with a feed, those that a list has twice included
LINK_KINDS = {kind.value: kind for kind in (SourceKind.PAGE, SourceKind.SITEMAP)}  # sources written as links


@dataclass(frozen=True)
class OpmlSource:
    """A source in a list. `folder` is the path of its folders, joined by "/"."""

    url: str
    title: str = ""
    folder: str = ""
    link: str = ""  # the site's URL
    language: str = ""
    kind: SourceKind = SourceKind.FEED
    home: str = ""  # ISO code of its country, as it stands there


def read_opml(body: bytes) -> tuple[OpmlSource, ...]:
    """Return the sources of an OPML file in its order; an address may be in several folders.

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
    sources = _list_sources(root)
    if not sources:
        raise InvalidInputError(
            NewsroomText("this OPML file names no feeds: no <outline> in it has an xmlUrl")
        )
    if len(sources) > MAX_OUTLINES or len({source.url for source in sources}) > MAX_SOURCES:
        raise InvalidInputError(
            NewsroomText(
                "this OPML file names %(count)s feeds; split it into files of %(max_sources)s",
                count=f"{len(sources):,}",
                max_sources=f"{MAX_SOURCES:,}",
            )
        )
    return tuple(sources)


def write_opml(sources: Iterable[OpmlSource], *, title: str = "Sources") -> bytes:
    """Return an OPML 2.0 file that `read_opml` can read, with its folders in each other."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = collapse_whitespace(title)
    folders = {"": etree.SubElement(root, "body")}
    for source in sources:
        name = collapse_whitespace(source.title) or source.url
        etree.SubElement(_folder(folders, source.folder), "outline", _attributes(source, name))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _folder(folders: dict[str, etree._Element], path: str) -> etree._Element:
    """The outline of a folder; it is added to the list, with those around it, if it is not there yet."""
    if path not in folders:
        outer, _, name = path.rpartition(SEPARATOR)
        folders[path] = etree.SubElement(_folder(folders, outer), "outline", text=name)
    return folders[path]


def _attributes(source: OpmlSource, name: str) -> dict[str, str]:
    """Return the outline attributes of a source. For other programs, pages and sitemaps are plain links."""
    attributes: dict[str, str] = {"text": name, "title": name}
    if source.kind == SourceKind.FEED:
        attributes |= {"type": "rss", "xmlUrl": source.url}
    else:
        attributes |= {"type": "link", "url": source.url, "datelineKind": source.kind.value}
    optional = {"htmlUrl": source.link, "language": source.language, "home": source.home}
    optional = {key: collapse_whitespace(value) for key, value in optional.items()}
    return attributes | {key: value for key, value in optional.items() if value}


def _list_sources(root: etree._Element) -> list[OpmlSource]:
    """The sources of a file, in its order. Goes through it once, because a hostile file has many and deep outlines."""
    sources: list[OpmlSource] = []
    names: list[str] = []  # of the outlines around
    for event, outline in etree.iterwalk(root, events=("start", "end"), tag="outline"):
        if event == "end":
            names.pop()
            continue
        # Upper and lower case in names of attributes count as equal; the first one counts.
        attributes = {str(key).lower(): str(value).strip() for key, value in reversed(outline.items())}
        if source := _source(attributes, names):
            sources.append(source)
        if len(sources) > MAX_OUTLINES:
            break
        names.append(_name(attributes))
    return sources


def _source(attributes: Mapping[str, str], folders: Sequence[str]) -> OpmlSource | None:
    """Return the source in an outline within outlines of these names; None if it is a folder or a bookmark."""
    # The kind is required, because links that other programs write are bookmarks.
    link_kind = LINK_KINDS.get(attributes.get("datelinekind", ""))
    url = attributes.get("url" if link_kind else "xmlurl")
    if not url:
        return None
    # Without outlines around it, the first of its categories (OPML 2.0: separated by commas, parts by slashes).
    category = [] if any(folders) else attributes.get("category", "").partition(",")[0].split(SEPARATOR)
    return OpmlSource(
        url=url,
        title=collapse_whitespace(_name(attributes)),
        folder=fit_folder([*folders, *category]),
        link=attributes.get("htmlurl", ""),
        language=attributes.get("language", ""),
        kind=link_kind or SourceKind.FEED,
        home=attributes.get("home", ""),
    )


def _name(attributes: Mapping[str, str]) -> str:
    return attributes.get("title") or attributes.get("text", "")

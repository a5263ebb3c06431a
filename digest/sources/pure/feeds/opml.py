"""OPML 2.0 lists of feeds (http://opml.org/spec2.opml), in and out."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from digest.errors import InvalidInputError
from digest.sources.pure.text.markup import one_line

MAX_BYTES = 5 * 1024 * 1024
MAX_SOURCES = 5_000


@dataclass(frozen=True)
class OpmlSource:
    """One feed of a list; `category` is the path of the folders it is in, joined by "/"."""

    url: str
    title: str = ""
    category: str = ""
    link: str = ""  # of the site
    language: str = ""
    kind: str = "feed"  # feed | sitemap | page


def read_opml(body: bytes) -> tuple[OpmlSource, ...]:
    """The feeds of an OPML file, each address once and as it is written there, which may be anything.

    Raises `InvalidInputError` where it is none.
    """
    if len(body) > MAX_BYTES:
        raise InvalidInputError(f"the file has {len(body):,} bytes; the most we read is {MAX_BYTES:,}")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInputError(f"this is not an OPML file: {error}") from error
    if root is None or str(root.tag).lower() != "opml":
        raise InvalidInputError("this is not an OPML file: its first tag is not <opml>")
    found: dict[str, OpmlSource] = {}
    for outline in root.iter("outline"):
        one = _source(outline)
        if one.url:
            found.setdefault(one.url, one)
    if not found:
        raise InvalidInputError("this OPML file names no feeds: no <outline> in it has an xmlUrl")
    if len(found) > MAX_SOURCES:
        raise InvalidInputError(
            f"this OPML file names {len(found):,} feeds; split it into files of {MAX_SOURCES:,}"
        )
    return tuple(found.values())


def write_opml(sources: Iterable[OpmlSource], *, title: str = "Sources") -> bytes:
    """An OPML 2.0 file that `read_opml` reads back, with a folder for each category."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = one_line(title)
    body = etree.SubElement(root, "body")
    folders = {"": body}
    for source in sources:
        category = one_line(source.category)
        if category not in folders:
            folders[category] = etree.SubElement(body, "outline", text=category)
        name = one_line(source.title) or source.url
        etree.SubElement(folders[category], "outline", _attributes(source, name))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _attributes(source: OpmlSource, name: str) -> dict[str, str]:
    """What an outline says of a source. Other programs know feeds; pages and sitemaps are links to them."""
    told = {"text": name, "title": name}
    if source.kind == "feed":
        told |= {"type": "rss", "xmlUrl": source.url}
    else:
        told |= {"type": "link", "url": source.url, "datelineKind": source.kind}
    more = {"htmlUrl": one_line(source.link), "language": one_line(source.language)}
    return told | {key: value for key, value in more.items() if value}


def _source(outline: etree._Element) -> OpmlSource:
    """The source that an outline is; without an address if it is a folder, a bookmark or something else."""
    kind = _attribute(outline, "datelineKind")
    ours = kind in ("page", "sitemap")  # that other programs call a link is not enough: those are bookmarks
    return OpmlSource(
        url=_attribute(outline, "url" if ours else "xmlUrl"),
        title=_title(outline),
        category=_category(outline),
        link=_attribute(outline, "htmlUrl"),
        language=_attribute(outline, "language"),
        kind=kind if ours else "feed",
    )


def _title(outline: etree._Element) -> str:
    return one_line(_attribute(outline, "title") or _attribute(outline, "text"))


def _category(outline: etree._Element) -> str:
    """The folders around the outline, outermost first, else its own category attribute."""
    folders = [_title(parent) for parent in outline.iterancestors("outline")]
    return "/".join(reversed([name for name in folders if name])) or one_line(
        _attribute(outline, "category")
    ).strip("/")


def _attribute(outline: etree._Element, name: str) -> str:
    """An attribute's value, its name in whatever case the writer used."""
    return next(
        (str(value).strip() for key, value in outline.items() if str(key).lower() == name.lower()), ""
    )

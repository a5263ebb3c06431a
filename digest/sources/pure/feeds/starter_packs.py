"""Starter packs: lists of public broadcasters and news agencies by region, which an editor may add as sources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from lxml import etree

from digest.sources.pure.feeds.xml_parser import create_xml_parser

FOLDER = Path(__file__).parents[2] / "data" / "packs"  # its README.md says where the addresses come from


@dataclass(frozen=True, slots=True)
class PackSource:
    """A feed of a pack: its publisher's name and country, its language, and where its address was found."""

    url: str
    title: str
    link: str
    language: str
    home: str  # ISO code; "" for international organisations
    publisher: str  # "broadcaster" or "agency"
    confirmed: str  # the day on which the address was found in other lists
    confirmed_in: str


@cache
def starter_packs() -> Mapping[str, Sequence[PackSource]]:
    """The packs by the slug of their region."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.opml"))}


def pack_sources_of(countries: frozenset[str]) -> Sequence[PackSource]:
    """The sources of all packs whose publishers are at home in these countries (ISO codes)."""
    return [source for pack in starter_packs().values() for source in pack if source.home in countries]


def _read(path: Path) -> Sequence[PackSource]:
    root = etree.fromstring(path.read_bytes(), create_xml_parser())
    return [
        PackSource(
            url=str(outline.get("xmlUrl", "")),
            title=str(outline.get("text", "")),
            link=str(outline.get("htmlUrl", "")),
            language=str(outline.get("language", "")),
            home=str(outline.get("home", "")),
            publisher=str(outline.get("publisher", "")),
            confirmed=str(outline.get("confirmed", "")),
            confirmed_in=str(outline.get("confirmedIn", "")),
        )
        for outline in root.iter("outline")
    ]

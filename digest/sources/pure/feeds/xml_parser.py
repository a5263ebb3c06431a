"""The lxml parser for documents from the network."""

from lxml import etree


def create_xml_parser() -> etree.XMLParser:
    """Return a parser that tolerates errors and never resolves entities, loads a DTD or opens a connection."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )

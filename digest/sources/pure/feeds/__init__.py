"""Parsers for feeds, sitemaps and OPML."""

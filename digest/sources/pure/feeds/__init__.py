"""Feeds, sitemaps and OPML: from text to entries."""

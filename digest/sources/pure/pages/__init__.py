"""Parsing web pages of news sites: headline, date, text, and lists of dated headlines."""

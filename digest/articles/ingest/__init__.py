"""Turns what due sources publish into stored articles: polling, fetching, reading entries and pages, writing."""

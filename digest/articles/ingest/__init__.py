"""From sources that are due to stored articles: polling, fetching, reading entries and pages, writing."""

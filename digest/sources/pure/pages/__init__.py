"""Web pages of news sites: from HTML to headlines, dates, texts and lists."""

"""From a due source to saved articles: poll, fetch, read entries and pages, write."""

"""Where news comes from: polite fetching, parsing, and when to look again."""

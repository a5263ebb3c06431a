"""The public pages, for readers."""

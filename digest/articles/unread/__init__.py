"""Articles whose pages are still to be read."""

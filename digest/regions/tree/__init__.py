"""The region tree: its regions, their names, the named groups, and the search in them."""

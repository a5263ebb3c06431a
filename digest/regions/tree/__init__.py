"""The region tree: its regions, their names, groups, and searching them."""

"""Queries of the regions: the named groups that editors changed, and words that never mean a country."""

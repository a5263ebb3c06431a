"""Regions: the region tree, the gazetteer, and the tagger that finds the countries a text is about."""

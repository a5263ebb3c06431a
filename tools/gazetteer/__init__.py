"""Builds the data files of regions from public sources (`make gazetteer`)."""

"""Encoding, markup and language of texts from the network."""

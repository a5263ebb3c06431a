"""Editions: when subscribers are due, which stories their digests have, and how digests are rendered."""

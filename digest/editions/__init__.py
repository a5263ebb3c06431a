"""Editions: when subscribers are due, which stories their digests hold, and how these are rendered."""

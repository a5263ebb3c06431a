"""Queries over sources and hosts."""

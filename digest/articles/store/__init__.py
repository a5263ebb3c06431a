"""Queries over articles and stories."""

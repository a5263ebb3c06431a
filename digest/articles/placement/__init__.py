"""Queries for placing articles in stories."""

"""Queries over subscribers, letters and suppressions."""

"""The queries of feedback."""

"""Decisions about editions and digests: pure functions, without I/O."""

"""Decisions about webhooks: pure functions, without I/O."""

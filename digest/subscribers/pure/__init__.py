"""Decisions about subscribers and their links: pure functions, without I/O."""

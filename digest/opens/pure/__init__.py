"""Decisions about opened stories: pure functions, without I/O."""

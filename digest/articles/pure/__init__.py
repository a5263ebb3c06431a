"""Decisions about articles and stories: pure functions, without I/O."""

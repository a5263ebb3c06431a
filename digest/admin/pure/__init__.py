"""Decisions of the newsroom's pages: pure functions, without I/O."""

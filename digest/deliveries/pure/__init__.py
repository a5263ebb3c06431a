"""Decisions about deliveries: pure functions, without I/O."""

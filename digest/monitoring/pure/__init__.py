"""Decisions about the condition of the installation and its alerts: pure functions, without I/O."""

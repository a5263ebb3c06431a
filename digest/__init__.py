"""Dateline: a self-hosted regional news digest."""

__version__ = "0.2.0"  # the only place that has it

"""Dateline: a self-hosted regional news digest."""

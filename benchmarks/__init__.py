"""Measurements, never run as tests. Each prints one JSON line."""

"""Polite, bounded HTTP: fetching, connections, bodies, robots.txt."""

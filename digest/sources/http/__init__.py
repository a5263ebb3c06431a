"""Polite HTTP with limits: requests, connections, response bodies and robots.txt."""

"""Queries over deliveries and what subscribers were sent."""

"""Queries over deliveries, planning and the windows of subscribers."""

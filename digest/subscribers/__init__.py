"""Subscribers: their subscriptions, letters, links and suppressions."""

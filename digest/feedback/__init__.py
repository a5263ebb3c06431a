"""Feedback: bounces, complaints and unsubscriptions, and what they stop."""

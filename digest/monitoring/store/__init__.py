"""Queries of monitoring: heartbeats, runs of tasks, figures, alerts, and what the other tables say of lateness."""

"""Webhooks out: what other programs are told, at addresses that the operator has set."""

"""Webhooks out: messages about what happens, posted to addresses that the operator has set."""

"""The list of addresses that are never written to."""

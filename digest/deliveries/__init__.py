"""How it gets there, once: plan, claim, send, record, retry."""

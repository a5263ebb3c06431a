"""Watching over whole editions: the circuit breaker, and archiving old deliveries."""

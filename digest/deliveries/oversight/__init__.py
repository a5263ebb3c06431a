"""Oversight of whole editions: the circuit breaker and the archive of old deliveries."""

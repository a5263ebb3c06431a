"""Mail formats and the SMTP protocol: pure functions and state machines, without I/O."""

"""Mail: templates, raw messages, relays and the local outbox."""

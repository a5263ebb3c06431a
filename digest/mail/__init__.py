"""How mail leaves: relays, raw messages and the local outbox."""

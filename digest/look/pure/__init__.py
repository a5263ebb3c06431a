"""What a look says in a language, its colours, and which values it can have."""

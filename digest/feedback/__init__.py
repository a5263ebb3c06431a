"""What comes back, and what it stops."""

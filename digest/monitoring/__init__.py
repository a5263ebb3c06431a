"""Whether the installation works: heartbeats, figures, what is late and why, and the alerts about it."""

"""When to poll a source again, and whether it works as usual."""

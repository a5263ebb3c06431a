"""When to poll a source again, and how it is doing."""

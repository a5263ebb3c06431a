"""Reading documents and deciding when to poll: pure functions, without I/O."""

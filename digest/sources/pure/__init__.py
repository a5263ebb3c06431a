"""Pure functions, without I/O, that parse documents and decide when to poll a source."""

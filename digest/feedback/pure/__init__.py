"""Reading and judging feedback: pure functions, without I/O."""

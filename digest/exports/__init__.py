"""The tables as JSON lines, for moving to another program and for other tools."""

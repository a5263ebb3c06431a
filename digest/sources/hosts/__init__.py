"""Publishers' servers: one request at a time to each, and pauses that they ask for."""

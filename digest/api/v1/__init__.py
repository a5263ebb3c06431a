"""The REST API at /api/v1, for programs with a token."""

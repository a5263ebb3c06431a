"""Queries over editions, digests and candidate stories."""

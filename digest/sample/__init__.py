"""The sample news sources, and the sample digest that a new installation sends."""

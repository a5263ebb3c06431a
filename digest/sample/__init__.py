"""The bundled news source, and the sample digest of the first minute."""

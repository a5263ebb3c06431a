"""Plans the deliveries of editions, claims and sends them, records the results, and retries."""

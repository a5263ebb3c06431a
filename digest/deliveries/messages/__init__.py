"""Makes the messages of deliveries from digests."""

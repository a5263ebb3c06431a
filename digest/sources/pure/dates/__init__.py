"""Finding and parsing dates as publishers write them."""

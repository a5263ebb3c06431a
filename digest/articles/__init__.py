"""What was published: identity, dates, cleaning, and stories."""

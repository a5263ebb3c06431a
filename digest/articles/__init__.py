"""The published articles: their identity, dates, cleaned texts and stories."""

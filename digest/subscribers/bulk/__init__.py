"""What managers do with many subscribers at once, and how it is undone."""

"""Plans editions: composes a digest for each group, and plans a delivery for each subscriber with news."""

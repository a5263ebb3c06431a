"""Articles that wait for an editor: queries."""

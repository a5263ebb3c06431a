"""From a digest to the messages that its deliveries carry."""

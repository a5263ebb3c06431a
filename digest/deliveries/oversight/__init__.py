"""Looking after deliveries as a whole: pace, stops, what is stuck, and folding what is old."""

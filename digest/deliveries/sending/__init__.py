"""Sends planned deliveries and letters: claims, pacing, results and shutdown."""

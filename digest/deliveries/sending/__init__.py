"""Sends what is planned: claims, pacing, letters, results, shutdown."""

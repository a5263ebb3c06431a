"""Sending what is planned: claims, pacing, letters, answers, shutdown."""

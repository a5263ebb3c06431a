"""Imports of subscribers: files are read, checked row by row, saved in batches, and taken back within a day."""

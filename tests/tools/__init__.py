"""Tests of what builds the data files."""

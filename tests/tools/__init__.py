"""Tests of the tools that build the data files."""

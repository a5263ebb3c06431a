"""What builds the data files of the package; not part of it."""

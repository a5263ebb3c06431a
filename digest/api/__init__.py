"""What programs ask over HTTP: health."""

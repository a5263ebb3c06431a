"""What a source is called, and which country it is from."""

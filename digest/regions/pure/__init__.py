"""The tagger: pure functions over texts, without I/O."""

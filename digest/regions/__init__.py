"""What a text is about: the region tree, the gazetteer, the tagger."""

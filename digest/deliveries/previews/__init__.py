"""Previews of digests, and drafts of editions for editors."""

"""Text that strangers wrote: encoding, markup, language."""

"""What readers were sent before, and what they are given back."""

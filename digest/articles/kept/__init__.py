"""What is kept because a digest has it, and what is not."""

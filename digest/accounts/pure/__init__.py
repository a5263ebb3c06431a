"""What decides about passwords, roles, waiting times and links, without database and clock."""

"""What editions are chosen from: the stories of some days."""

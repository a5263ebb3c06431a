"""Who reads and what they asked for: join, confirm, change, pause, leave, erase."""

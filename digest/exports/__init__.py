"""Everything of ours as JSON lines, for moving to another program or for looking into it with other tools."""

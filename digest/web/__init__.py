"""The public pages, for visitors and subscribers."""

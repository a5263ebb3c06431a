"""What goes out and when: calendar, selection, digests, rendering."""

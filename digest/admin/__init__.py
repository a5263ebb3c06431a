"""The newsroom: the pages for editors and admins."""

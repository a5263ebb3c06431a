"""Who may run it: sign-in, roles, audit trail."""

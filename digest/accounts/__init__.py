"""Accounts of editors and admins: sign-in, roles, audit trail."""

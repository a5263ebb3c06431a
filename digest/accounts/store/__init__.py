"""Queries over accounts, their second factors, failed sign-ins, letters to accounts, and the audit trail."""

"""Rows of the crm app as JSON."""

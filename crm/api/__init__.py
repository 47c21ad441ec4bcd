"""The crm app over HTTP."""

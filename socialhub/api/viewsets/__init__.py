"""The addresses of the API: each translates a request into one call of a service."""

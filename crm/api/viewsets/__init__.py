"""A request in, a service called, JSON out."""

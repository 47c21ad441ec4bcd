"""A request in, a calculation or a service called, JSON out."""

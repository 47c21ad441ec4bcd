"""A/B tests and recycling. Filled in a later phase."""

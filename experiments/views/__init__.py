"""Pages of A/B tests and recycling."""

"""The verbs of A/B tests and of recycling."""

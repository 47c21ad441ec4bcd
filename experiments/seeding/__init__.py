"""The demo's A/B tests and recycling: weeks of the past, lived through the real services."""

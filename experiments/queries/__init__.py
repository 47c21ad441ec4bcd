"""What the pages of A/B tests and recycling show."""

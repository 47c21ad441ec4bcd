"""Statistics of A/B tests: pure functions on counts, numpy and scipy only. No Django inside."""

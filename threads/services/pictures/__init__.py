"""Templates and pictures. Call them through this package."""

"""The API under /api/analytics/."""

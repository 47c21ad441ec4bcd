"""The DRF API under /api/."""

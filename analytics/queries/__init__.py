"""Reads for dashboards, reports and API. Each function says what it counts."""

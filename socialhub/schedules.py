"""Periodic jobs as data."""

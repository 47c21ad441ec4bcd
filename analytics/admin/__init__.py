"""Imports every admin of this app, so that it is registered."""

from analytics.admin import reports, stats  # noqa: F401

"""Admin of this app: one module per neighbourhood."""

from threads.admin import series, templates  # noqa: F401

"""Addresses of this app's pages under /admin/: (route, view, name)."""

from __future__ import annotations

from analytics.views import dashboard

PAGES = [
    ("analytics/", dashboard.show, "analytics"),
    ("analytics/version/", dashboard.version, "analytics-version"),
    ("analytics/today/", dashboard.today, "analytics-today"),
    ("analytics/panel/<slug:name>/", dashboard.panel, "analytics-panel"),
]

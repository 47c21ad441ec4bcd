"""Addresses of this app's pages under /admin/: (route, view, name)."""

from __future__ import annotations

from crm.views import board, catalogue, dashboard, inbox, panels, runs

PAGES = [
    ("crm/", dashboard.show, "crm"),
    ("crm/panel/<slug:name>/", dashboard.panel, "crm-panel"),
    ("crm/board/", board.show, "crm-board"),
    ("crm/why/", runs.why, "crm-why"),
    ("crm/interaction/<int:pk>/", inbox.panel, "crm-interaction-panel"),
    ("crm/interaction/<int:pk>/lead/", inbox.make, "crm-interaction-lead"),
    ("crm/publication/<int:pk>/", panels.publication, "crm-publication-panel"),
    ("crm/post/<int:pk>/", panels.post, "crm-post-panel"),
    ("crm/insert/", catalogue.insert, "crm-insert"),
    ("crm/price/<int:pk>/settle/", catalogue.settle, "crm-price-settle"),
]

"""Addresses of this app's pages under /admin/: (route, view, name)."""

from __future__ import annotations

from experiments.views import calculator, panels, planner, recycling, recycling_panel

PAGES = [
    ("experiments/planner/", planner.show, "experiments-planner"),
    ("experiments/calculator/", calculator.show, "experiments-calculator"),
    ("experiments/post/<int:pk>/", panels.post, "experiments-post-panel"),
    ("experiments/post/<int:pk>/test/", panels.test_this, "experiments-test-this"),
    ("recycling/", recycling.show, "recycling"),
    ("recycling/preview/", recycling.preview, "recycling-preview"),
    ("recycling/rule/", recycling_panel.rule, "recycling-rule-now"),
    ("recycling/<int:pk>/vary/", recycling.vary, "recycling-vary"),
    ("recycling/<int:pk>/<slug:verb>/", recycling.act, "recycling-act"),
    ("recycling/post/<int:pk>/", recycling_panel.post, "experiments-recycling-panel"),
]

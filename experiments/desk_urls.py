"""Addresses of this app's pages under /admin/: (route, view, name)."""

from __future__ import annotations

from experiments.views import calculator, panels, planner

PAGES = [
    ("experiments/planner/", planner.show, "experiments-planner"),
    ("experiments/calculator/", calculator.show, "experiments-calculator"),
    ("experiments/post/<int:pk>/", panels.post, "experiments-post-panel"),
    ("experiments/post/<int:pk>/test/", panels.test_this, "experiments-test-this"),
]

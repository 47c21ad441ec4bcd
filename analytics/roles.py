"""What each role may do here. Filled into groups after every migrate."""

from __future__ import annotations

PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "Administrator": {"analytics": ["view_publicationstats", "record_metrics"]},
    "Marketer": {"analytics": ["view_publicationstats", "record_metrics"]},
    "Approver": {"analytics": ["view_publicationstats"]},
    "Analyst": {"analytics": ["view_publicationstats", "record_metrics"]},
}
VERBS = {
    "view_metrics": "analytics.view_publicationstats",
    "record_metrics": "analytics.record_metrics",
}

"""What each role may do here. Filled into groups after every migrate."""

from __future__ import annotations

_SEEN = ["view_publicationstats", "view_analyticsreport", "view_reportdelivery"]
_SENDING = [
    "send_report",
    *[f"{verb}_reportrecipient" for verb in ("view", "add", "change", "delete")],
]

PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "Administrator": {"analytics": [*_SEEN, "record_metrics", "generate_report", *_SENDING]},
    "Marketer": {"analytics": [*_SEEN, "record_metrics", "generate_report", *_SENDING]},
    "Approver": {"analytics": [*_SEEN]},
    "Analyst": {"analytics": [*_SEEN, "record_metrics", "generate_report"]},
}
VERBS = {
    "view_metrics": "analytics.view_publicationstats",
    "record_metrics": "analytics.record_metrics",
    "view_reports": "analytics.view_analyticsreport",
    "generate_report": "analytics.generate_report",
    "send_report": "analytics.send_report",
    "manage_recipients": "analytics.change_reportrecipient",
}

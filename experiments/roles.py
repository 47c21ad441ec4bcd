"""What each role may do here. Filled into groups after every migrate."""

from __future__ import annotations

PERMISSIONS: dict[str, dict[str, list[str]]] = {}
VERBS = {
    # Whoever may read the numbers may calculate with them.
    "view_experiments": "analytics.view_publicationstats",
}

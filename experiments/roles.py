"""What each role may do here. Filled into groups after every migrate."""

from __future__ import annotations

_SEEN = ["view_abtest", "view_recyclingrule", "view_recycledpost"]
_MARKETING = [
    *[f"{verb}_abtest" for verb in ("add", "change", "delete", "start")],
    *[f"{verb}_recyclingrule" for verb in ("add", "change", "delete")],
    "recycle_post",
]

PERMISSIONS: dict[str, dict[str, list[str]]] = {
    "Administrator": {"experiments": [*_SEEN, *_MARKETING]},
    "Marketer": {"experiments": [*_SEEN, *_MARKETING]},
    # Approves tests as it approves posts.
    "Approver": {"experiments": _SEEN},
    "Analyst": {"experiments": _SEEN},
}
VERBS = {
    "view_experiments": "experiments.view_abtest",
    "change_experiment": "experiments.change_abtest",
    "start_experiment": "experiments.start_abtest",
    "view_recycling": "experiments.view_recyclingrule",
    "change_recycling": "experiments.change_recyclingrule",
    "recycle_post": "experiments.recycle_post",
}

"""The sidebar's group of this app, and what it adds to the pages of the core."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from socialhub import navigation, registries
from socialhub.navigation import Item

EXPERIMENTS = [
    Item(
        _("A/B tests"), "science", "admin:experiments_abtest_changelist", "experiments.view_abtest"
    ),
    Item(_("Planner"), "rule_settings", "admin:experiments-planner", "experiments.view_abtest"),
    Item(_("Calculator"), "calculate", "admin:experiments-calculator", "experiments.view_abtest"),
    Item(_("Recycling"), "recycling", "admin:recycling", "experiments.view_recyclingrule"),
    Item(
        _("Recycling rules"),
        "rule",
        "admin:experiments_recyclingrule_changelist",
        "experiments.view_recyclingrule",
    ),
]


def register() -> None:
    """Called when the apps are ready."""
    navigation.add(_("Experiments"), EXPERIMENTS)
    registries.register_panel("post", "admin:experiments-post-panel")

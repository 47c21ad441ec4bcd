"""The sidebar's group of this app, and what it adds to the pages of the core."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from socialhub import navigation, registries
from socialhub.navigation import Item

CREATE = [
    Item(
        _("Thread series"),
        "account_tree",
        "admin:threads_threadseries_changelist",
        "threads.view_threadseries",
    ),
    Item(
        _("Image templates"),
        "image",
        "admin:threads_imagetemplate_changelist",
        "threads.view_imagetemplate",
    ),
]


def register() -> None:
    """Called when the apps are ready."""
    navigation.add(_("Series and pictures"), CREATE)
    registries.register_panel("composer", "admin:threads-picture-panel")

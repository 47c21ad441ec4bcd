"""How the admin shell looks: title, colours, sidebar."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _link(title: Any, icon: str, name: str, permission: str | None = None) -> dict[str, Any]:
    item: dict[str, Any] = {"title": title, "icon": icon, "link": reverse_lazy(name)}
    if permission:
        item["permission"] = lambda request: request.user.has_perm(permission)
    return item


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "SocialHub",
    "SITE_HEADER": "SocialHub",
    "SITE_SYMBOL": "hub",
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("socialhub/socialhub.css")],
    "SCRIPTS": [lambda request: static("socialhub/socialhub.js")],
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": [
            {
                "title": None,
                "items": [
                    _link(_("Today"), "today", "admin:index"),
                ],
            },
        ],
    },
}

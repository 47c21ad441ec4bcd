"""How the admin shell looks: title, colours, sidebar."""

from __future__ import annotations

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "SocialHub",
    "SITE_HEADER": "SocialHub",
    "SITE_SYMBOL": "hub",
    "SITE_URL": None,
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("socialhub/favicon.svg"),
        }
    ],
    # A calm petrol; violet means sandbox and blue means publishing.
    "COLORS": {
        "primary": {
            "50": "oklch(97.5% .014 210)",
            "100": "oklch(94.5% .028 210)",
            "200": "oklch(89.5% .05 210)",
            "300": "oklch(82% .08 211)",
            "400": "oklch(72% .1 213)",
            "500": "oklch(60% .1 215)",
            "600": "oklch(50% .088 217)",
            "700": "oklch(43.5% .075 218)",
            "800": "oklch(37.5% .063 219)",
            "900": "oklch(32% .052 220)",
            "950": "oklch(24% .04 222)",
        },
    },
    "STYLES": [lambda request: static("socialhub/socialhub.css")],
    "SCRIPTS": [lambda request: static("socialhub/socialhub.js")],
    "COMMAND": {
        "search_models": [
            "socialhub.post",
            "socialhub.campaign",
            "socialhub.account",
            "socialhub.interaction",
            "crm.lead",
            "crm.product",
            "crm.service",
        ],
    },
    "ACCOUNT": {
        "navigation": [
            {"title": _("Preferences"), "link": reverse_lazy("admin:preferences")},
            {"title": _("Change password"), "link": reverse_lazy("admin:password_change")},
        ],
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "socialhub.navigation.navigation",
    },
}

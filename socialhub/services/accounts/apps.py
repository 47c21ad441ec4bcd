"""The developer app of a network: entered in the admin, else from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from socialhub.models import NetworkApp
from socialhub.platforms.base import App, PlatformAdapter


def app_for(adapter: PlatformAdapter) -> App | None:
    """The app to connect with, None when there is none yet."""
    options = options_of(adapter)
    row = NetworkApp.objects.filter(platform=adapter.slug).first()
    if row is not None and row.client_id:
        secret = str(row.secrets.get("client_secret") or "")
        return App(row.client_id, secret, {**options, **row.options})
    client_id, secret = settings.NETWORK_APPS.get(adapter.slug, ("", ""))
    return App(client_id, secret, options) if client_id else None


def options_of(adapter: PlatformAdapter) -> Mapping[str, Any]:
    """What the operator's settings say for this network."""
    return {name: getattr(settings, setting) for name, setting in adapter.option_settings.items()}


def base_url(adapter: PlatformAdapter, server_url: str) -> str:
    """The address to talk to: the setting's where the network has one, else the account's."""
    if not adapter.server_setting:
        return server_url
    return str(getattr(settings, adapter.server_setting) or adapter.default_server)

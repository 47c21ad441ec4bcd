"""The developer app of a network: entered in the admin, else from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import NetworkApp
from socialhub.platforms.base import App, PlatformAdapter
from socialhub.platforms.registry import ADAPTERS
from socialhub.services.errors import Invalid

# "v26.0" at Meta, "202610" at LinkedIn.
VERSION = re.compile(r"v\d{1,3}\.\d{1,2}|20\d{2}(0[1-9]|1[0-2])")
# What an operator may choose besides, per network, with what it means.
SWITCHES = {"x": frozenset({"owned_reads"})}


@dataclass(frozen=True, slots=True)
class ShownApp:
    """What people may see of a developer app: everything but its secret."""

    platform: str
    client_id: str = ""
    has_secret: bool = False
    options: Mapping[str, Any] | None = None
    set_at: datetime | None = None
    set_by: str = ""
    # It comes from the environment; nobody has entered one here.
    is_operators: bool = False


def app_for(adapter: PlatformAdapter) -> App | None:
    """The app to connect with, None when there is none yet."""
    options = options_of(adapter)
    row = NetworkApp.objects.filter(platform=adapter.slug).first()
    if row is not None and row.client_id:
        secret = str(row.secrets.get("client_secret") or "")
        return App(row.client_id, secret, {**options, **row.options})
    client_id, secret = settings.NETWORK_APPS.get(adapter.slug, ("", ""))
    return App(client_id, secret, options) if client_id else None


def require_app(adapter: PlatformAdapter) -> App | None:
    """As `app_for`. Raises Invalid where the network needs an app and there is none."""
    app = app_for(adapter)
    if app is None and adapter.needs_app:
        message = _(
            "%(network)s needs a developer app first. Enter its client id and secret on the page "
            "“Connect an account”, %(network)s."
        ) % {"network": adapter.name}
        raise Invalid("app_missing", message, {"client_id": [message]})
    return app


def options_of(adapter: PlatformAdapter) -> Mapping[str, Any]:
    """What the operator's settings say for this network."""
    return {name: getattr(settings, setting) for name, setting in adapter.option_settings.items()}


def base_url(adapter: PlatformAdapter, server_url: str) -> str:
    """The address to talk to: the setting's where the network has one, else the account's."""
    if not adapter.server_setting:
        return server_url
    return str(getattr(settings, adapter.server_setting) or adapter.default_server)


# -- shown and entered ------------------------------------------------------------------


def shown_apps() -> list[ShownApp]:
    """One per network that needs an app, entered or not, without the secret. One query."""
    rows = {row.platform: row for row in NetworkApp.objects.select_related("updated_by")}
    found = [adapter for adapter in ADAPTERS.values() if adapter.needs_app]
    return [_shown(adapter, rows.get(adapter.slug)) for adapter in found]


def shown_app(adapter: PlatformAdapter) -> ShownApp:
    """The app of one network without its secret."""
    rows = NetworkApp.objects.select_related("updated_by")
    return _shown(adapter, rows.filter(platform=adapter.slug).first())


def _shown(adapter: PlatformAdapter, row: NetworkApp | None) -> ShownApp:
    options = options_of(adapter)
    if row is not None and row.client_id:
        return ShownApp(
            platform=adapter.slug,
            client_id=row.client_id,
            has_secret=bool(row.secrets.get("client_secret")),
            options={**options, **row.options},
            set_at=row.updated_at,
            set_by=str(row.updated_by or ""),
        )
    client_id, secret = settings.NETWORK_APPS.get(adapter.slug, ("", ""))
    return ShownApp(adapter.slug, client_id, bool(secret), options, is_operators=bool(client_id))


@transaction.atomic
def save_app(
    user: Any,
    platform: str,
    client_id: str,
    client_secret: str = "",
    options: Mapping[str, Any] | None = None,
) -> ShownApp:
    """Keep an app. A blank secret keeps the one there is; an option set to "" is taken off.

    Raises Forbidden, Invalid.
    """
    policies.require(user, "connect_account")
    adapter = ADAPTERS.get(platform)
    if adapter is None or not adapter.needs_app:
        message = _("This network needs no developer app.")
        raise Invalid("no_app", message, {"platform": [message]})
    client_id, client_secret = client_id.strip(), client_secret.strip()
    if not client_id:
        message = _("Enter the client id of the app.")
        raise Invalid("client_id_missing", message, {"client_id": [message]})
    row = NetworkApp.objects.select_for_update().filter(platform=platform).first()
    row = row or NetworkApp(platform=platform, secrets={})
    if client_id != row.client_id and not client_secret and row.secrets:
        # The secret of one app never belongs to another.
        row.secrets = {}
    row.client_id = client_id[:300]
    if client_secret:
        row.secrets = {"client_secret": client_secret}
    row.options = _checked(adapter, {**row.options, **(options or {})})
    row.updated_by = user
    row.save()
    return _shown(adapter, row)


def _checked(adapter: PlatformAdapter, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options that differ from nothing: known names, versions that look like one."""
    known = set(adapter.option_settings) | SWITCHES.get(adapter.slug, frozenset())
    for name, value in options.items():
        if name not in known:
            message = _("%(network)s has no option “%(name)s”.")
            message %= {"network": adapter.name, "name": name}
        elif name == "api_version" and value and not VERSION.fullmatch(str(value)):
            message = _("Write the version as the network does: v26.0 or 202610.")
        else:
            continue
        raise Invalid("bad_option", message, {"options": [message]})
    # What the setting says is not pinned: the operator may change it later.
    same = options_of(adapter)
    kept = {n: value for n, value in options.items() if value not in ("", None, same.get(n))}
    return {name: str(v) if name == "api_version" else bool(v) for name, v in kept.items()}

"""Telegram, Slack and the rest, through Apprise: one address per recipient.

https://github.com/caronc/apprise/wiki. Apprise opens its own connections, so the host is
checked first and redirects are off; what would act on this machine is refused.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.translation import gettext as _

from socialhub import http

# These show or write something on the machine they run on.
LOCAL = {"blink1", "dbus", "glib", "gnome", "kde", "macosx", "qt", "syslog", "windows"}


class ChannelRefused(Exception):
    """The address cannot be used as it is; the text says why, without quoting it."""


class ChannelFailed(Exception):
    """The service did not take the message this time."""


def check_channel(url: str) -> None:
    """Raise ChannelRefused for an address that can never work or may not be called."""
    _plugin(url)


def send(url: str, title: str, body: str) -> None:
    """Send one message. Raises ChannelRefused or ChannelFailed; neither quotes the address."""
    import apprise

    plugin = _plugin(url)
    # At DEBUG it would log addresses with their tokens.
    logging.getLogger("apprise").setLevel(logging.WARNING)
    with apprise.LogCapture(level=logging.WARNING) as said:  # type: ignore[no-untyped-call]
        try:
            sent = plugin.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT)
        except Exception as exc:
            raise ChannelFailed(f"{plugin.service_name}: {type(exc).__name__}") from None
        if not sent:
            status = re.search(r"error=(\d{3})", said.getvalue())
            why = f"HTTP {status[1]}" if status else _("no answer")
            raise ChannelFailed(f"{plugin.service_name}: {why}")


def _plugin(url: str) -> Any:
    import apprise

    # Importing one plugin per service costs memory, so only processes that send do it.
    asset = apprise.AppriseAsset(async_mode=False, http_redirects=False)
    schema = urlsplit(url).scheme.lower()
    if schema in LOCAL:
        raise ChannelRefused(_("This kind of channel would act on the server itself."))
    # A template is a file or an address that would be read from here.
    if any("/" in value for value in parse_qs(urlsplit(url).query).get("template", [])):
        raise ChannelRefused(_("Templates cannot be used in a channel's address."))
    plugin = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if plugin is None:
        raise ChannelRefused(_("This is no channel address that can be used."))
    plugin.redirects = False
    for name in ("smtp_host", "host"):
        host = getattr(plugin, name, None)
        if isinstance(host, str) and host:
            _check_host(host)
            break
    return plugin


def _check_host(host: str) -> None:
    bare = host.strip("[]")
    try:
        http.check_address(f"http://{f'[{bare}]' if ':' in bare else bare}/")
    except http.AddressRefused:
        raise ChannelRefused(
            _(
                "The channel's server has a private address. The operator can allow it in "
                "SOCIALHUB_ALLOWED_PRIVATE_HOSTS."
            )
        ) from None
    except http.RequestNotSent as exc:
        raise ChannelFailed(str(exc)) from None

"""Which network and which server a person means, checked before anything is stored."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _

from socialhub import http
from socialhub.platforms.base import PlatformAdapter
from socialhub.platforms.registry import UnknownPlatform, get_adapter
from socialhub.services.accounts.apps import base_url
from socialhub.services.errors import Invalid


def adapter_for(platform: str, way: str) -> PlatformAdapter:
    """The adapter, if the network can be connected this way ("secret" or "oauth")."""
    try:
        adapter = get_adapter(platform)
    except UnknownPlatform:
        message = _("SocialHub does not know this network.")
        raise Invalid("unknown_platform", message, {"platform": [message]}) from None
    if way not in adapter.connect_by:
        message = (
            _("%(network)s is connected through the browser. Use its connect button.")
            if way == "secret"
            else _("%(network)s is connected with a name and a password or token.")
        ) % {"network": adapter.name}
        raise Invalid("wrong_way", message, {"platform": [message]})
    return adapter


def server_url(adapter: PlatformAdapter, typed: str) -> str:
    """The address to talk to: "social.example/" → "https://social.example".

    No name is looked up here, since web requests ask no server; `require_public` does it in the
    worker. Addresses written as numbers are judged at once.
    """
    # The sandbox is where this installation runs it.
    own = settings.SANDBOX_URL if adapter.is_pretend else ""
    if adapter.server_setting:
        return base_url(adapter, "")
    typed = typed.strip() or own or adapter.default_server
    url = typed if "://" in typed else f"https://{typed}"
    try:
        URLValidator(schemes=["http", "https"])(url)
        parts = urlsplit(url)
    except (ValidationError, ValueError):
        raise _wrong(_("This is not the address of a server.")) from None
    # One spelling per server: a copied page address still means the server.
    url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    if _is_local(parts.hostname or ""):
        require_public(url)
    return url


def _is_local(host: str) -> bool:
    """Numbers in any notation, and localhost: judged without asking a name server."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
    except OSError:
        return False
    return True


def require_public(url: str) -> None:
    """Raise Invalid for a private address that is not listed. Looks names up."""
    try:
        http.check_address(url)
    except http.AddressRefused:
        message = _(
            "This is a private address. The operator can allow it in "
            "SOCIALHUB_ALLOWED_PRIVATE_HOSTS."
        )
        raise _wrong(message, "private_address") from None
    except http.RequestNotSent:
        message = _("There is no server of this name. Check the address.")
        raise _wrong(message, "no_such_server") from None


def _wrong(message: str, code: str = "bad_address") -> Invalid:
    return Invalid(code, message, {"server_url": [message]})

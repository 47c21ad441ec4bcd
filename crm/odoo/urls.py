"""Addresses of an Odoo: what people paste, and links back to a record."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]")


def clean_url(pasted: str) -> str:
    """`scheme://host[:port]` of what somebody pasted; https when no scheme is given.

    Raises ValueError with a sentence for the person when it is no such address.
    """
    text = pasted.strip().strip("<>\"'").strip()
    if not text:
        raise ValueError("Enter the address of your Odoo.")
    if "://" not in text:
        text = f"https://{text.lstrip('/')}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError("This is no valid address.") from None
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ValueError("The address must begin with https:// or http://.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("Leave user name and password out of the address.")
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    if not HOST.fullmatch(host):
        raise ValueError("This is no valid address.")
    if port in (None, DEFAULT_PORTS[scheme]):
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{port}"


def record_url(base: str, version_major: int, model: str, record_id: int) -> str:
    """The page of a record in Odoo's own interface."""
    if version_major < 18:
        fragment = f"id={record_id}&model={quote(model)}&view_type=form"
        return f"{base}/web#{fragment}"
    # A model without a dot in its name carries a mark, so as not to be taken for a word.
    name = model if "." in model else f"m-{model}"
    return f"{base}/odoo/{quote(name)}/{record_id}"

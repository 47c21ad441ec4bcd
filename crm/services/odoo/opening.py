"""A client for a connection; what it learned is kept for the next one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm.models import OdooConnection, OdooCredential
from crm.odoo import Client, Target, open_client


def target_of(connection: OdooConnection) -> Target:
    """Address and secret. Raises OdooCredential.DoesNotExist when no key is stored."""
    key = OdooCredential.objects.values_list("key", flat=True).get(connection=connection)
    return Target(connection.url, connection.database, connection.login, str(key))


def client_for(connection: OdooConnection, observe: Callable[[Any], None] | None = None) -> Client:
    """A client that starts with what an earlier one learned (version, user id, field types)."""
    return open_client(
        target_of(connection), observe=observe, state=connection.client_state or None
    )


def remember(connection: OdooConnection, client: Client) -> None:
    """Keep what the client learned, for the next one to start without asking."""
    state = client.state()
    if state != connection.client_state:
        connection.client_state = state
        OdooConnection.objects.filter(pk=connection.pk).update(client_state=state)

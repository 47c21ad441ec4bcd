"""Asking a network something with an account's login. Never call it inside a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from socialhub.models import Account
from socialhub.platforms.base import Connection
from socialhub.platforms.errors import AuthExpired, AuthRevoked
from socialhub.services import accounts

T = TypeVar("T")


def read(account: Account, ask: Callable[[Connection], T]) -> T:
    """What `ask` returns; a login that ran out is renewed once.

    Raises PlatformError. Before AuthRevoked leaves, the account is marked for reconnecting.
    """
    try:
        try:
            return ask(accounts.connection(account))
        except AuthExpired as exc:
            if not accounts.refresh(account):
                raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
            return ask(accounts.connection(account))
    except AuthRevoked as exc:
        accounts.needs_reconnect(account, exc.message)
        raise

"""Asking a network something with an account's login. Never call it inside a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from socialhub.models import Account
from socialhub.platforms.base import Connection
from socialhub.platforms.errors import AuthExpired, AuthRevoked
from socialhub.services import accounts

T = TypeVar("T")


class Reader:
    """Asks one account's network several things in a row with a login that is looked up once."""

    def __init__(self, account: Account) -> None:
        self.account, self.adapter = account, account.adapter
        self._login: Connection | None = None

    def read(self, ask: Callable[[Connection], T]) -> T:
        """What `ask` returns; a login that ran out is renewed once.

        Raises PlatformError. Before AuthRevoked leaves, the account is marked for reconnecting.
        """
        try:
            try:
                return ask(self._login or self._look_up())
            except AuthExpired as exc:
                if not accounts.refresh(self.account):
                    raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
                return ask(self._look_up())
        except AuthRevoked as exc:
            accounts.needs_reconnect(self.account, exc.message)
            raise

    def _look_up(self) -> Connection:
        self._login = accounts.connection(self.account)
        return self._login


def read(account: Account, ask: Callable[[Connection], T]) -> T:
    """One question: as Reader.read."""
    return Reader(account).read(ask)

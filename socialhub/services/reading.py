"""Asking a network something with an account's login. Never call it inside a transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from socialhub.models import Account
from socialhub.platforms.base import Connection
from socialhub.platforms.errors import AuthExpired, AuthRevoked, PlatformError
from socialhub.services import accounts
from socialhub.services.accounts import findings

T = TypeVar("T")


class Reader:
    """Asks one account's network several things in a row with a login that is looked up once.

    `is_paid`: what the questions cost was reserved before. `slow_until` is set when the network's
    answers ask for a pause, refusals included.
    """

    def __init__(self, account: Account, *, is_paid: bool = False) -> None:
        self.account, self.adapter, self.is_paid = account, account.adapter, is_paid
        self.slow_until: datetime | None = None
        self._login: Connection | None = None

    def read(self, ask: Callable[[Connection], T]) -> T:
        """What `ask` returns; a login that ran out is renewed once.

        Raises PlatformError. Before AuthRevoked leaves, the account is marked for reconnecting.
        """
        try:
            try:
                return self._ask(ask, self._login or self._look_up())
            except AuthExpired as exc:
                if not accounts.refresh(self.account):
                    raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
                return self._ask(ask, self._look_up())
        except AuthRevoked as exc:
            accounts.needs_reconnect(self.account, exc.message)
            raise

    def _ask(self, ask: Callable[[Connection], T], login: Connection) -> T:
        try:
            return ask(login)
        except PlatformError as exc:
            exc.hide(login.secrets.values())
            raise
        finally:
            if login.findings.learned:
                # The next question has to know it.
                self._login = None
            until = findings.keep(self.account, login, is_paid=self.is_paid)
            if until is not None:
                self.slow_until = max(until, self.slow_until or until)

    def _look_up(self) -> Connection:
        self._login = accounts.connection(self.account)
        return self._login


def read(account: Account, ask: Callable[[Connection], T]) -> T:
    """One question: as Reader.read."""
    return Reader(account).read(ask)

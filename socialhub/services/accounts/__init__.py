"""Accounts: connect, keep connected, disconnect, examine.

Every call to a network is done by the worker (`services.jobs`); the verbs here return the job.
"""

from socialhub.services.accounts.connecting import (
    connect,
    disconnect,
    finish_oauth,
    redirect_uri,
    remove_abandoned,
    start_oauth,
)
from socialhub.services.accounts.credentials import (
    connection,
    needs_reconnect,
    on_reconnected,
    refresh,
)
from socialhub.services.accounts.doctor import doctor

__all__ = [
    "connect",
    "connection",
    "disconnect",
    "doctor",
    "finish_oauth",
    "needs_reconnect",
    "on_reconnected",
    "redirect_uri",
    "refresh",
    "remove_abandoned",
    "start_oauth",
]

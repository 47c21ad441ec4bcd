"""Accounts: connect, keep connected, disconnect, examine.

Every call to a network is done by the worker (`services.jobs`); the verbs here return the job.
"""

from socialhub.services.accounts.apps import ShownApp, save_app, shown_app, shown_apps
from socialhub.services.accounts.connecting import connect, disconnect, remove_abandoned
from socialhub.services.accounts.credentials import (
    connection,
    needs_reconnect,
    on_reconnected,
    refresh,
)
from socialhub.services.accounts.doctor import doctor
from socialhub.services.accounts.guides import Guide, Step, guide_for
from socialhub.services.accounts.logins import days_left, end_of, renew_due
from socialhub.services.accounts.oauth import (
    choose,
    finish_oauth,
    give_up,
    offered,
    redirect_uri,
    start_oauth,
)
from socialhub.services.accounts.upkeep import parts

__all__ = [
    "Guide",
    "ShownApp",
    "Step",
    "choose",
    "connect",
    "connection",
    "days_left",
    "disconnect",
    "doctor",
    "end_of",
    "finish_oauth",
    "give_up",
    "guide_for",
    "needs_reconnect",
    "offered",
    "on_reconnected",
    "parts",
    "redirect_uri",
    "refresh",
    "remove_abandoned",
    "renew_due",
    "save_app",
    "shown_app",
    "shown_apps",
    "start_oauth",
]

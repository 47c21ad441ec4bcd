"""Notices: one per incident, to the people concerned, in the app, by mail and other channels."""

from socialhub.services.notices.channels import ChannelRefused, check_channel
from socialhub.services.notices.delivering import deliver
from socialhub.services.notices.escalating import escalate
from socialhub.services.notices.opening import acknowledge, open_for, open_notice, resolve
from socialhub.services.notices.texts import Text, describe

__all__ = [
    "ChannelRefused",
    "Text",
    "acknowledge",
    "check_channel",
    "deliver",
    "describe",
    "escalate",
    "open_for",
    "open_notice",
    "resolve",
]

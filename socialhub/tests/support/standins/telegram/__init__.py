"""The Bot API: channels, messages, albums, discussion groups, updates, limits.

Written from the fact sheet and https://core.telegram.org/bots/api. A token "token-NAME" is a bot
that may post in the channel @NAME.
"""

from socialhub.tests.support.standin.kit import Reply
from socialhub.tests.support.standin.server import StandIn
from socialhub.tests.support.standins.telegram import api, control
from socialhub.tests.support.standins.telegram.state import Telegram, said


def _limited(state: Telegram, retry_after: int) -> Reply:
    text = f"Too Many Requests: retry after {retry_after}"
    return Reply(said(429, text, retry_after=retry_after), 429)


def _broken(exc: Exception) -> Reply:
    return Reply(said(400, f"Bad Request: {exc!r}"), 400)


APP = StandIn(Telegram(), api.routes, control=control.routes, limited=_limited, broken=_broken)

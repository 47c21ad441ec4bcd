"""The adapter: https://core.telegram.org/bots/api"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext_noop as _

from socialhub.platforms.base import (
    Audience,
    Capabilities,
    Check,
    Connection,
    Draft,
    InteractionPage,
    Look,
    Metrics,
    Payload,
    PlatformAdapter,
    Profile,
    Receipt,
)
from socialhub.platforms.errors import Unavailable
from socialhub.platforms.telegram import chats, messages, updates
from socialhub.platforms.telegram.client import API, Bot


class TelegramAdapter(PlatformAdapter):
    """A channel, as a bot that may post there. A bot cannot read the channel back."""

    slug = "telegram"
    name = "Telegram"
    connect_by = frozenset({"secret"})
    default_server = API
    secret_label = _("Bot token")
    remote_ids_are_global = True
    server_setting = "TELEGRAM_API_BASE"
    capabilities = Capabilities(
        text_limit=4_096,
        text_unit="utf16",
        caption_limit=1_024,
        max_images=10,
        image_max_bytes=10_000_000,
        image_mimes=messages.MIMES,
        # The Bot API has no alt texts; people who approve still see them.
        alt_text_limit=1_500,
        image_ratios=(1 / 20, 20.0),
        metrics=frozenset({"likes"}),
        live_metrics=True,
        repeat="blind",
        can_list_own=False,
        # About one a second, and twenty a minute, in one channel.
        write_budget=((5, 5), (20, 60)),
        reports_audience=True,
        # Telegram keeps updates for a day, and a call reads a hundred.
        collect_every_seconds=60,
        unsupported={"video": _("SocialHub does not upload videos to Telegram yet.")},
    )

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """`handle` is the channel: @name, t.me/name or its number."""
        return chats.connect(server_url, handle, secret.strip())

    def doctor(self, connection: Connection) -> list[Check]:
        return chats.examine(connection)

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Asks for the channel once more: it may have moved, or the bot may be out."""
        self.refuse(self.validate(draft, connection.options))
        return Payload(
            key=draft.key,
            text=draft.text,
            body=messages.body(connection, draft),
            parent_id=messages.parent_id(draft),
            created_at=draft.created_at,
        )

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        return messages.send(connection, payload, guard)

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        return Look("cannot_look", note="a bot cannot read a channel")

    def remote_id_of(self, permalink: str, account_id: str, handle: str) -> str:
        """The number in a link to a message of this channel."""
        return messages.number_of(permalink, account_id, handle)

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        """Nothing can be asked for; reactions arrive with `interactions`."""
        return {}

    def audience(self, connection: Connection) -> Audience:
        """https://core.telegram.org/bots/api#getchatmembercount"""
        count = Bot.of(connection).call("getChatMemberCount", chat_id=chats.own(connection))
        if not isinstance(count, int):
            raise Unavailable("Telegram's answer is not a number")
        return Audience(followers=count)

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return updates.page(connection, cursor)

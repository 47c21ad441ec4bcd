"""The adapter: the Instagram API with Instagram Login.

https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from django.utils.translation import gettext_noop as _

from socialhub.platforms.base import (
    App,
    Audience,
    Capabilities,
    Check,
    Connection,
    Draft,
    InteractionPage,
    Look,
    Metrics,
    Payload,
    Profile,
    Receipt,
)
from socialhub.platforms.instagram import account, comments, publishing, reading
from socialhub.platforms.meta.graph import Graph
from socialhub.platforms.meta.own_login import OwnLoginAdapter


class InstagramAdapter(OwnLoginAdapter):
    """Posts are pictures with a text; our own comments stand in for a thread."""

    slug = "instagram"
    name = "Instagram"
    capabilities = Capabilities(
        text_limit=2_200,
        text_unit="characters",
        content_types=frozenset({"image", "carousel"}),
        max_images=10,
        image_max_bytes=8_000_000,
        image_mimes=frozenset({"image/jpeg"}),
        alt_text_limit=1_000,
        threads=False,
        thread_substitutes=frozenset({"comments", "numbered"}),
        metrics=frozenset({"likes", "comments", "shares", "impressions", "reach", "saves"}),
        # Two requests per post: the post itself, and its insights.
        metrics_batch=1,
        counts_own_replies=True,
        counts_conversation=True,
        reports_audience=True,
        requires_media=True,
        fetches_media=True,
        image_ratios=(0.8, 1.91),
        max_hashtags=30,
        max_mentions=20,
        max_images_in_reply=0,
        unsupported={
            "text": _("Instagram has no posts without an image."),
            "link": _("Links in captions cannot be clicked."),
            "video": _("Reels are not supported yet."),
            "thread": _("Instagram has no threads; further parts can be comments of our own."),
        },
    )
    login = account.LOGIN
    version = account.VERSION
    default_server = account.API
    server_setting = "INSTAGRAM_API_BASE"
    option_settings = {"api_version": "INSTAGRAM_API_VERSION"}
    can_chain = False

    # -- account --------------------------------------------------------------
    def profile(self, graph: Graph, secrets: Mapping[str, str]) -> Profile:
        return account.profile(graph, secrets)

    def exchange(
        self,
        server_url: str,
        redirect_uri: str,
        code: str,
        secrets: Mapping[str, str],
        app: App | None = None,
    ) -> Profile:
        kept, scopes = account.LOGIN.finish(server_url, redirect_uri, code, app)
        version = str((app.options if app else {}).get("api_version") or account.VERSION)
        found = account.profile(Graph(server_url, kept["access_token"], version), kept)
        return replace(found, options={**found.options, "scopes": " ".join(scopes)})

    def doctor(self, connection: Connection) -> list[Check]:
        return account.examine(connection)

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Makes the container, or the words of a comment; see the modules."""
        self.refuse(self.validate(draft, connection.options))
        if draft.parent is not None:
            return comments.prepare(connection, draft)
        return publishing.prepare(account.graph(connection), connection.remote_id, draft)

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        if payload.parent_id:
            return comments.commit(account.graph(connection), payload, guard)
        return publishing.commit(account.graph(connection), connection.remote_id, payload, guard)

    def newest_own_id(self, connection: Connection) -> str:
        return publishing.newest_own(account.graph(connection), connection.remote_id)

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        if payload.parent_id:
            return comments.look(connection, payload, since, taken)
        return publishing.look(connection, payload, since_id, since, taken)

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        return reading.metrics(connection, remote_ids)

    def audience(self, connection: Connection) -> Audience:
        return account.audience(connection)

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return comments.page(connection, cursor)

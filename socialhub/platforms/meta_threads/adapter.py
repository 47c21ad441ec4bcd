"""The adapter: https://developers.facebook.com/docs/threads/overview"""

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
from socialhub.platforms.meta.graph import Graph
from socialhub.platforms.meta.own_login import OwnLoginAdapter
from socialhub.platforms.meta_threads import account, publishing, reading


class MetaThreadsAdapter(OwnLoginAdapter):
    """Posts, pictures and chains of replies on Threads."""

    slug = "meta_threads"
    name = "Threads"
    capabilities = Capabilities(
        text_limit=500,
        text_unit="emoji_bytes",
        max_images=20,
        image_max_bytes=8_000_000,
        image_mimes=frozenset({"image/jpeg", "image/png"}),
        alt_text_limit=1_000,
        metrics=frozenset({"likes", "comments", "shares", "impressions", "replies", "quotes"}),
        metrics_batch=1,
        counts_own_replies=True,
        counts_conversation=True,
        reports_audience=True,
        fetches_media=True,
        max_links=5,
        unsupported={"video": _("Videos on Threads are not supported yet.")},
    )
    login = account.LOGIN
    version = account.VERSION
    default_server = account.API
    server_setting = "META_THREADS_API_BASE"
    option_settings = {"api_version": "META_THREADS_API_VERSION"}

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
        graph = Graph(server_url, kept["access_token"], version)
        found = account.profile(graph, kept)
        # Their answer does not name what was granted; this read needs the right to publish.
        account.quota(graph, found.remote_id)
        return replace(found, options={"scopes": " ".join(scopes)}) if scopes else found

    def doctor(self, connection: Connection) -> list[Check]:
        return account.examine(connection)

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Makes the container. Raises InvalidContent, RateLimited when a quota is used up."""
        self.refuse(self.validate(draft, connection.options))
        return publishing.prepare(account.graph(connection), connection.remote_id, draft)

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
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
        return publishing.look(connection, payload, since_id, since, taken)

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        return reading.metrics(connection, remote_ids)

    def audience(self, connection: Connection) -> Audience:
        return account.audience(connection)

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return reading.page(connection, cursor)

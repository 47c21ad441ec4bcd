"""The adapter: https://developers.facebook.com/docs/pages-api"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Literal

from socialhub.platforms.base import (
    App,
    Audience,
    Authorization,
    Capabilities,
    Check,
    Connection,
    Draft,
    InteractionPage,
    Look,
    Metrics,
    Payload,
    PlatformAdapter,
    Problem,
    Profile,
    Receipt,
)
from socialhub.platforms.errors import OutcomeUnknown, PermissionDenied
from socialhub.platforms.facebook import conversations, login, publishing, reading
from socialhub.platforms.facebook.doctor import examine
from socialhub.platforms.meta.graph import Graph

COMMENT_LIMIT = 8_000

CAPABILITIES = Capabilities(
    text_limit=63_206,
    text_unit="characters",
    max_images=10,
    image_max_bytes=4_000_000,
    image_mimes=frozenset({"image/jpeg", "image/png", "image/gif"}),
    threads=False,
    thread_substitutes=frozenset({"comments", "numbered"}),
    max_images_in_reply=1,
    metrics=frozenset({"likes", "comments", "shares", "impressions", "reach", "clicks"}),
    metrics_batch=reading.BATCH,
    counts_own_replies=True,
    reports_audience=True,
    unsupported={"video": "SocialHub does not send videos to Facebook yet"},
)


class FacebookAdapter(PlatformAdapter):
    """One page. Posts may be listed, so a repeat looks first; there is no idempotency key."""

    slug = "facebook"
    name = "Facebook"
    capabilities = CAPABILITIES
    connect_by = frozenset({"oauth", "secret"})
    default_server = login.API
    server_setting = "FACEBOOK_API_BASE"
    option_settings: ClassVar[Mapping[str, str]] = {"api_version": "FACEBOOK_API_VERSION"}
    secret_label = "Access token"
    needs_app = True
    can_chain = False
    remote_ids_are_global = True

    # -- data -----------------------------------------------------------------
    def validate(self, draft: Draft, options: Mapping[str, Any] | None = None) -> list[Problem]:
        """Comments are shorter than posts."""
        problems = super().validate(draft, options)
        count = self.count(draft.text, options).count
        if draft.parent is not None and COMMENT_LIMIT < count <= CAPABILITIES.text_limit:
            problems.append(Problem("text_too_long", {"count": count, "limit": COMMENT_LIMIT}))
        return problems

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """A page's token, or a person's with `handle` naming the page."""
        return login.by_token(server_url, handle, secret)

    def authorize(
        self, server_url: str, redirect_uri: str, state: str, app: App | None = None
    ) -> Authorization:
        return login.start(server_url, redirect_uri, state, _known(app))

    def exchange(
        self,
        server_url: str,
        redirect_uri: str,
        code: str,
        secrets: Mapping[str, str],
        app: App | None = None,
    ) -> tuple[Profile, ...]:
        return login.finish(server_url, redirect_uri, code, _known(app))

    def doctor(self, connection: Connection) -> list[Check]:
        return examine(connection)

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Raises InvalidContent for a draft that does not fit or a picture refused."""
        self.refuse(self.validate(draft, connection.options))
        return publishing.payload(connection, self.capabilities_for(connection.options), draft)

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        path, fields = str(payload.body.get("path")), payload.body.get("fields")
        said = Graph.of(connection, login.VERSION).publish(path, fields, guard)
        if not said.get("id"):
            raise OutcomeUnknown("Facebook's answer names no post")
        return publishing.receipt(str(said["id"]), connection, said)

    def newest_own_id(self, connection: Connection) -> str:
        return publishing.newest_own(connection)

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
        """https://developers.facebook.com/docs/graph-api/reference/page/"""
        page = Graph.of(connection, login.VERSION).get("me", fields="followers_count,fan_count")
        followers = page.get("followers_count", page.get("fan_count"))
        return Audience(followers=followers if isinstance(followers, int) else None)

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return conversations.page(connection, cursor)


def _known(app: App | None) -> App:
    if app is None or not app.client_id:
        raise PermissionDenied("there is no developer app for Facebook yet")
    return app

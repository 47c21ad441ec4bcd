"""The adapter: https://learn.microsoft.com/en-us/linkedin/marketing/community-management/"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

from django.utils.translation import gettext_noop as _

from socialhub.platforms.base import (
    App,
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
    TextCount,
)
from socialhub.platforms.errors import AuthRevoked, PermissionDenied
from socialhub.platforms.linkedin import comments, inbox, littletext, oauth, posts, reading
from socialhub.platforms.linkedin.client import API, Api
from socialhub.platforms.linkedin.doctor import examine

# Not in the documentation; the option "comment_limit" has another one.
COMMENT_LIMIT = 1_250
# What an option of the same name may set.
LIMITS = ("text_limit", "max_images", "max_images_in_reply")


class LinkedInAdapter(PlatformAdapter):
    """A page (organisation), as a member who may publish as it."""

    slug = "linkedin"
    name = "LinkedIn"
    connect_by = frozenset({"oauth", "secret"})
    default_server = API
    secret_label = _("Access token")
    remote_ids_are_global = True
    server_setting = "LINKEDIN_API_BASE"
    option_settings = {"api_version": "LINKEDIN_API_VERSION"}
    needs_app = True
    can_chain = False
    refresh_before = timedelta(days=7)
    capabilities = Capabilities(
        text_limit=3_000,
        text_unit="characters",
        max_images=20,
        image_max_bytes=posts.IMAGE_MAX_BYTES,
        image_mimes=posts.IMAGE_MIMES,
        alt_text_limit=4_086,
        threads=False,
        max_images_in_reply=1,
        metrics=frozenset(reading.STATISTICS),
        repeat="look",
        # About 150 a day; the portal has the numbers of an app.
        write_budget=((150, 86_400),),
        metrics_batch=reading.BATCH,
        # Our own comments count as comments.
        counts_own_replies=True,
        counts_conversation=True,
        # The daily limits of an app are low and every watched post is a call.
        collect_every_seconds=900,
        unsupported={"video": _("SocialHub does not upload videos to LinkedIn yet.")},
    )

    # -- data -----------------------------------------------------------------
    def capabilities_for(self, options: Mapping[str, Any]) -> Capabilities:
        caps = super().capabilities_for(options)
        limits: dict[str, Any] = {
            name: options[name] for name in LIMITS if isinstance(options.get(name), int)
        }
        return replace(caps, **limits)

    def count(self, text: str, options: Mapping[str, Any] | None = None) -> TextCount:
        """The text as people see it; with "count_escaped" as it is sent."""
        escaped = bool((options or {}).get("count_escaped"))
        return super().count(littletext.escape(text) if escaped else text, options)

    def validate(self, draft: Draft, options: Mapping[str, Any] | None = None) -> list[Problem]:
        chosen = dict(options or {})
        if draft.parent is not None:
            chosen["text_limit"] = chosen.get("comment_limit", COMMENT_LIMIT)
        return super().validate(draft, chosen)

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """The token says which pages there are; `handle` picks one."""
        token = secret.strip()
        if not token:
            raise AuthRevoked("the access token is empty")
        found = oauth.pages(Api(server_url, token), {"access_token": token}, {})
        return oauth.chosen(found, handle)

    def authorize(
        self, server_url: str, redirect_uri: str, state: str, app: App | None = None
    ) -> Authorization:
        return oauth.start(server_url, redirect_uri, state, _registered(app))

    def exchange(
        self,
        server_url: str,
        redirect_uri: str,
        code: str,
        secrets: Mapping[str, str],
        app: App | None = None,
    ) -> tuple[Profile, ...]:
        return oauth.finish(server_url, redirect_uri, code, _registered(app))

    def refresh(self, connection: Connection) -> Mapping[str, str] | None:
        return oauth.renew(connection)

    def doctor(self, connection: Connection) -> list[Check]:
        return examine(connection)

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Uploads images. Raises InvalidContent for a draft that does not fit."""
        self.refuse(self.validate(draft, connection.options))
        make = posts.body if draft.parent is None else comments.body
        return Payload(
            key=draft.key,
            text=draft.text,
            body=make(Api.of(connection), connection.remote_id, draft),
            parent_id=comments.parent_id(draft),
            created_at=draft.created_at,
        )

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        api = Api.of(connection)
        if payload.parent_id:
            path = comments.address(payload.parent_id)
            return comments.receipt(api.publish(path, payload.body, guard), payload)
        return posts.receipt(api.publish("/rest/posts", payload.body, guard))

    def newest_own_id(self, connection: Connection) -> str:
        return posts.newest(Api.of(connection), connection.remote_id)

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        api, author = Api.of(connection), connection.remote_id
        if payload.parent_id:
            return comments.look(api, author, payload, since, taken)
        return posts.look(api, author, payload, since_id, since, taken)

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        return reading.metrics(Api.of(connection), connection.remote_id, remote_ids)

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return inbox.page(Api.of(connection), connection.remote_id, cursor)


def _registered(app: App | None) -> App:
    if app is None or not app.client_id:
        raise PermissionDenied("no app is registered for LinkedIn yet")
    return app

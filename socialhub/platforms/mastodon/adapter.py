"""The adapter: https://docs.joinmastodon.org/client/intro/"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from socialhub.platforms import images, wire
from socialhub.platforms.base import (
    JSON,
    App,
    Audience,
    Authorization,
    Capabilities,
    Check,
    Connection,
    Draft,
    InteractionPage,
    Look,
    MediaFile,
    Metrics,
    Payload,
    PlatformAdapter,
    Problem,
    Profile,
    Receipt,
    RemoteRef,
    TextCount,
)
from socialhub.platforms.errors import AuthRevoked, OutcomeUnknown, Unavailable
from socialhub.platforms.mastodon import limits, markup, notifications, oauth, statuses
from socialhub.platforms.mastodon.client import Server, base_url, with_id
from socialhub.platforms.mastodon.doctor import examine

# How long a server may take to process an image, in seconds.
MEDIA_SECONDS = 60.0


class MastodonAdapter(PlatformAdapter):
    """Mastodon 4 and servers with the same client API."""

    slug = "mastodon"
    name = "Mastodon"
    capabilities = limits.DEFAULTS
    connect_by = frozenset({"secret", "oauth"})
    secret_label = "Access token"

    # -- data -----------------------------------------------------------------
    def capabilities_for(self, options: Mapping[str, Any]) -> Capabilities:
        return limits.capabilities(options)

    def count(self, text: str, options: Mapping[str, Any] | None = None) -> TextCount:
        """Graphemes; a link has a fixed length and "@user@host" counts as "@user"."""
        return super().count(markup.short_mentions(text), options)

    def validate(self, draft: Draft, options: Mapping[str, Any] | None = None) -> list[Problem]:
        return super().validate(self._addressed(draft, options or {}), options)

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """The token says who it is; `handle` is not needed."""
        server = Server(base_url(server_url), secret.strip())
        return self._profile(server, {"access_token": secret.strip()})

    def authorize(
        self, server_url: str, redirect_uri: str, state: str, app: App | None = None
    ) -> Authorization:
        server = Server(base_url(server_url))
        limits.learn(server)
        return oauth.start(server, redirect_uri, state)

    def exchange(
        self,
        server_url: str,
        redirect_uri: str,
        code: str,
        secrets: Mapping[str, str],
        app: App | None = None,
    ) -> Profile:
        url = base_url(server_url)
        kept, scopes = oauth.finish(Server(url), redirect_uri, code, secrets)
        profile = self._profile(Server(url, kept["access_token"]), kept)
        return replace(profile, options={**profile.options, "scopes": scopes})

    def doctor(self, connection: Connection) -> list[Check]:
        return examine(connection)

    def _profile(self, server: Server, secrets: Mapping[str, str]) -> Profile:
        # Without the token: a wrong one must not look like a wrong server.
        options = limits.learn(Server(server.url))
        if not secrets["access_token"]:
            raise AuthRevoked("the access token is empty")
        me = server.object("/api/v1/accounts/verify_credentials")
        return Profile(
            remote_id=str(me["id"]),
            handle="@".join(
                part for part in (str(me.get("acct") or ""), options["domain"]) if part
            ),
            display_name=str(me.get("display_name") or me.get("username") or ""),
            secrets=secrets,
            options=options,
            avatar_url=str(me.get("avatar_static") or me.get("avatar") or ""),
        )

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Raises InvalidContent for a draft that does not fit or an image refused."""
        self.refuse(self.validate(draft, connection.options))
        draft = self._addressed(draft, connection.options)
        parent_id = draft.parent.remote_id if draft.parent else ""
        media_ids = [self._upload(connection, file) for file in draft.media]
        body: JSON = {
            "status": draft.text,
            "in_reply_to_id": parent_id,
            "media_ids": media_ids,
            "visibility": _visibility(draft.parent),
            "language": draft.language,
        }
        return Payload(
            key=draft.key,
            text=draft.text,
            # What is empty is left to the account's own defaults on the server.
            body={name: value for name, value in body.items() if value or name == "status"},
            parent_id=parent_id,
            created_at=draft.created_at,
        )

    def _addressed(self, draft: Draft, options: Mapping[str, Any]) -> Draft:
        """An answer to somebody names them, else the server does not tell them."""
        acct = str(draft.parent.data.get("acct") or "") if draft.parent else ""
        if not acct or markup.mentions(draft.text, acct, str(options.get("domain") or "")):
            return draft
        return replace(draft, text=f"@{acct} {draft.text}")

    def _upload(self, connection: Connection, file: MediaFile) -> str:
        """Id of a processed attachment (https://docs.joinmastodon.org/methods/media/#v2)."""
        caps = self.capabilities_for(connection.options)
        content, mime, *_ = images.fit(file, caps.image_max_bytes, caps.image_mimes)
        server = Server.of(connection)
        name = f"{file.sha256[:16]}.{mime.rpartition('/')[2]}"
        answer = server.upload(
            "/api/v2/media",
            files={"file": (name, content, mime)},
            data={"description": file.alt_text},
        )
        media_id = str(with_id(wire.body(answer))["id"])
        deadline, pause = time.monotonic() + MEDIA_SECONDS, 0.1
        # 202 and 206: accepted, not processed yet; 200: ready.
        while answer.status != 200:
            if time.monotonic() + pause > deadline:
                raise Unavailable("the server is still processing the image")
            time.sleep(pause)
            pause = min(pause * 2, 2.0)
            answer = server.get(f"/api/v1/media/{media_id}")
        return media_id

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        """Mastodon answers a repeat within one hour with the first status; others post twice."""
        status = Server.of(connection).publish(
            "/api/v1/statuses", payload.body, {"Idempotency-Key": payload.key}, guard
        )
        if not isinstance(status, dict) or not status.get("id"):
            raise OutcomeUnknown("the server's answer names no status")
        return statuses.receipt(status, payload.parent_id)

    def newest_own_id(self, connection: Connection) -> str:
        return statuses.newest_own(Server.of(connection), connection.remote_id)

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        return statuses.look(connection, payload, since_id, since, taken)

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        caps = self.capabilities_for(connection.options)
        return statuses.metrics(Server.of(connection), caps, remote_ids)

    def audience(self, connection: Connection) -> Audience:
        """https://docs.joinmastodon.org/entities/Account/#followers_count"""
        me = Server.of(connection).object("/api/v1/accounts/verify_credentials")
        return Audience(
            followers=_shown(me, "followers_count"),
            following=_shown(me, "following_count"),
            posts=_shown(me, "statuses_count"),
        )

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return notifications.page(connection, cursor)


def _visibility(parent: RemoteRef | None) -> str:
    """An answer is never more public than what it answers; "" = the account's default."""
    visibility = str(parent.data.get("visibility") or "") if parent else ""
    return "" if visibility == "public" else visibility


def _shown(account: Mapping[str, Any], name: str) -> int | None:
    """glitch-soc says -1 for a number that its owner hides."""
    count = account.get(name)
    return count if isinstance(count, int) and count >= 0 else None

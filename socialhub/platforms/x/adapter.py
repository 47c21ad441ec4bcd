"""The adapter: https://docs.x.com/x-api"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

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
    Metrics,
    Payload,
    PlatformAdapter,
    Profile,
    Receipt,
    TextCount,
)
from socialhub.platforms.errors import AuthExpired, AuthRevoked, OutcomeUnknown, Unavailable
from socialhub.platforms.x import media, mentions, metrics, oauth, posts, prices
from socialhub.platforms.x.client import DEFAULT_SERVER, Api
from socialhub.platforms.x.doctor import examine

# Signs of weight 1, unless a variation selector makes emoji of them; our counter takes both as 2.
PLAIN_SIGNS = re.compile("[©®](?!\ufe0f)")

DEFAULTS = Capabilities(
    text_limit=280,
    text_unit="weighted",
    link_length=23,
    max_images=4,
    image_max_bytes=media.IMAGE_BYTES,
    image_mimes=media.MIMES,
    alt_text_limit=media.ALT_TEXT,
    # Since 23 February 2026 an app may only answer people who mentioned or quoted the account,
    # and no exception is documented for own posts. Enterprise apps are exempt: a person may
    # switch it on.
    threads=False,
    thread_substitutes=frozenset({"numbered"}),
    # Those who mention us are the ones whose posts we collect.
    replies=True,
    metrics=frozenset({*metrics.NAMES, "shares"}),
    reports_audience=True,
    repeat="look",
    # X: 100 in 15 minutes per user, and before each the profile is asked, of which X allows 75.
    write_budget=((70, 900),),
    metrics_batch=metrics.BATCH,
    counts_own_replies=True,
    read_price_usd=prices.PRICES.per["post_read"],
    prices=prices.PRICES,
    read_once_per_day=True,
    # Self-serve apps, since 20 April 2026.
    max_cashtags=1,
    unsupported={
        "video": "SocialHub does not send videos to X yet",
        "quotes and hidden answers": (
            "only posts that mention the account are collected: a search for others costs for "
            "every result"
        ),
    },
)


class XAdapter(PlatformAdapter):
    """X, API v2."""

    slug = "x"
    name = "X"
    capabilities = DEFAULTS
    connect_by = frozenset({"oauth", "secret"})
    default_server = DEFAULT_SERVER
    server_setting = "X_API_BASE"
    secret_label = "Access token"
    remote_ids_are_global = True
    needs_app = True
    refresh_before = timedelta(minutes=15)

    # -- data -----------------------------------------------------------------
    def capabilities_for(self, options: Mapping[str, Any]) -> Capabilities:
        """ "text_limit": what Premium accounts may post (25,000)."""
        caps = super().capabilities_for(options)
        limit = options.get("text_limit")
        if isinstance(limit, int) and limit > 0:
            caps = replace(caps, text_limit=limit)
        # A chain is made of answers.
        return replace(caps, threads=caps.threads and caps.replies)

    def count(self, text: str, options: Mapping[str, Any] | None = None) -> TextCount:
        """Weighted, with links as 23 and emoji as 2."""
        return super().count(PLAIN_SIGNS.sub("§", text), options)

    def charges(self, draft: Draft, options: Mapping[str, Any] | None = None) -> Mapping[str, int]:
        return prices.charges(draft)

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        """`secret`: a user's access token, and behind a space a refresh token if there is one."""
        access, _, refresh = secret.strip().partition(" ")
        if not access:
            raise AuthRevoked("the access token is empty")
        kept = {"access_token": access}
        if refresh.strip():
            kept["refresh_token"] = refresh.strip()
        return self._profile(server_url, kept)

    def authorize(
        self, server_url: str, redirect_uri: str, state: str, app: App | None = None
    ) -> Authorization:
        return oauth.start(server_url, redirect_uri, state, app)

    def exchange(
        self,
        server_url: str,
        redirect_uri: str,
        code: str,
        secrets: Mapping[str, str],
        app: App | None = None,
    ) -> Profile:
        kept, scopes = oauth.finish(server_url, redirect_uri, code, secrets, app)
        return replace(self._profile(server_url, kept), options={"scopes": scopes})

    def refresh(self, connection: Connection) -> Mapping[str, str] | None:
        return oauth.renew(connection)

    def doctor(self, connection: Connection) -> list[Check]:
        return examine(connection)

    def _profile(self, server_url: str, kept: Mapping[str, str]) -> Profile:
        api = Api.with_token(server_url, kept["access_token"])
        try:
            said = api.get("/2/users/me", {"user.fields": "profile_image_url"})
        except AuthExpired as exc:
            raise AuthRevoked(exc.message, http_status=exc.http_status) from exc
        me: JSON = said.get("data") or {}
        if not me.get("id"):
            raise Unavailable("the answer of X names no account")
        return Profile(
            remote_id=str(me["id"]),
            handle=str(me.get("username") or ""),
            display_name=str(me.get("name") or me.get("username") or ""),
            secrets=kept,
            avatar_url=str(me.get("profile_image_url") or ""),
        )

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        """Raises InvalidContent for a draft that does not fit or an image refused."""
        self.refuse(self.validate(draft, connection.options))
        # A line end is one character, as it was counted.
        text = "\n".join(re.split(r"\r\n?", draft.text))
        # X takes no field it does not know, and none that is empty.
        body: JSON = {"text": text} if text else {}
        if draft.media:
            body["media"] = {"media_ids": media.upload_all(Api(connection), draft.media)}
        if draft.parent is not None:
            body["reply"] = {"in_reply_to_tweet_id": draft.parent.remote_id}
        return Payload(
            key=draft.key,
            text=text,
            body=body,
            parent_id=draft.parent.remote_id if draft.parent else "",
            created_at=draft.created_at,
        )

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        """X has no key against repeats: a second call is a second post, or a duplicate refused."""
        said = Api(connection).publish(payload.body, guard)
        post_id = str((said.get("data") or {}).get("id") or "")
        if not post_id:
            raise OutcomeUnknown("the answer of X names no post")
        return posts.receipt(connection, post_id)

    def newest_own_id(self, connection: Connection) -> str:
        return posts.newest_own(connection)

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        return posts.look(connection, payload, since_id, since, taken)

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        return metrics.metrics(connection, remote_ids)

    def audience(self, connection: Connection) -> Audience:
        """https://docs.x.com/x-api/users/user-lookup-me"""
        said = Api(connection).get("/2/users/me", {"user.fields": "public_metrics"})
        prices.read_own_profile(connection)
        counted: JSON = (said.get("data") or {}).get("public_metrics") or {}
        return Audience(
            followers=counted.get("followers_count"),
            following=counted.get("following_count"),
            posts=counted.get("tweet_count", counted.get("post_count")),
        )

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return mentions.page(connection, cursor)

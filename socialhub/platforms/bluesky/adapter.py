"""The adapter: facts seen on PDS 0.5 and AppView 0.0.280, else from https://docs.bsky.app/."""

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
from socialhub.platforms.bluesky import reading, records, session, xrpc
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    Unavailable,
)


class BlueskyAdapter(PlatformAdapter):
    """We choose the record key, so putRecord repeats safely and a look is exact."""

    slug = "bluesky"
    name = "Bluesky"
    # A DID stays the same when the account moves to another server.
    remote_ids_are_global = True
    connect_by = frozenset({"secret"})
    default_server = "https://bsky.social"
    secret_label = _("App password")
    # A DID is the same on every server.
    remote_ids_are_global = True
    capabilities = Capabilities(
        text_limit=300,
        text_unit="graphemes",
        byte_limit=3_000,
        max_images=4,
        image_max_bytes=records.IMAGE_MAX_BYTES,
        image_mimes=records.IMAGE_MIMES,
        alt_text_limit=2_000,
        metrics=frozenset({"likes", "comments", "shares", "saves", "replies", "quotes"}),
        repeat="idempotent",
        # 5,000 points an hour and 35,000 a day; a new record costs 3.
        # https://docs.bsky.app/docs/advanced-guides/rate-limits
        write_budget=((1_666, 3_600), (11_666, 86_400)),
        metrics_batch=reading.POSTS_MAX,
        counts_own_replies=True,
        reports_audience=True,
        unsupported={"video": _("SocialHub does not upload videos to Bluesky yet.")},
    )

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        return session.connect(server_url or self.default_server, handle, secret)

    def refresh(self, connection: Connection) -> Mapping[str, str] | None:
        return session.refresh(connection)

    def doctor(self, connection: Connection) -> list[Check]:
        return session.doctor(connection)

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        self.refuse(self.validate(draft, connection.options))
        return Payload(
            key=draft.key,
            text=draft.text,
            body=records.build(connection, draft),
            parent_id=draft.parent.remote_id if draft.parent is not None else "",
            created_at=draft.created_at,
        )

    def commit(
        self,
        connection: Connection,
        payload: Payload,
        guard: Callable[[], None] | None = None,
    ) -> Receipt:
        answer = xrpc.write(
            xrpc.base(connection),
            "com.atproto.repo.putRecord",
            guard=guard,
            headers=xrpc.access(connection),
            json=payload.body,
        )
        uri, cid = answer.get("uri"), answer.get("cid")
        if not (isinstance(uri, str) and isinstance(cid, str) and uri.startswith("at://")):
            raise OutcomeUnknown("the answer has no uri and cid")
        return records.receipt(connection, uri, cid, payload.body["record"])

    def newest_own_id(self, connection: Connection) -> str:
        return next((str(row.get("uri", "")) for row in records.own_posts(connection, 1)), "")

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        """By our own record key: nobody else uses it, so the answer is certain."""
        body = payload.body
        uri = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        try:
            found = records.get_record(connection, uri)
        except xrpc.RecordNotFound:
            return Look("not_found")
        except (NotFound, InvalidContent) as exc:
            # Not this server's way to say that a post is missing.
            raise Unavailable(exc.message, http_status=exc.http_status) from exc
        value = found.get("value")
        record = value if isinstance(value, dict) else body["record"]
        cid = session.text(found, "cid")
        return Look("found", records.receipt(connection, uri, cid, record))

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        return reading.metrics(connection, remote_ids)

    def audience(self, connection: Connection) -> Audience:
        return reading.audience(connection)

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        return reading.interactions(connection, cursor)

"""The sandbox: a pretend network on this machine (`socialhub/sandbox/`), driven like any other."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Literal
from urllib.parse import quote

from socialhub import http
from socialhub.platforms import wire
from socialhub.platforms.base import (
    GONE,
    Audience,
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
    Profile,
    Receipt,
    RemoteInteraction,
)
from socialhub.platforms.errors import (
    AuthRevoked,
    NotFound,
    OutcomeUnknown,
    PlatformError,
    Unavailable,
)
from socialhub.platforms.text import same_text

NETWORK = "socialhub-sandbox"
# The longest page the network gives, and how many of them a look turns.
PAGE = 100
PAGES = 20
# Clocks are compared through a Date header in whole seconds.
CLOCK_SLACK = timedelta(seconds=5)
COUNTED = ("likes", "comments", "shares", "impressions", "clicks")

JSON = dict[str, Any]


class SandboxAdapter(PlatformAdapter):
    """Tokens are the secret chosen at the first login of a handle, or `sandbox-HANDLE`."""

    slug = "sandbox"
    name = "Sandbox"
    default_server = "http://127.0.0.1:8090"
    secret_label = "Secret"
    is_pretend = True
    capabilities: ClassVar[Capabilities] = Capabilities(
        text_limit=500,
        image_mimes=frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
        metrics=frozenset(COUNTED),
        reports_audience=True,
        repeat="look",
        metrics_batch=50,
        # It lives on this machine, and a visitor wants to see numbers grow.
        collect_every_seconds=20,
        unsupported={"video": "The sandbox shows text and images only."},
    )

    # -- account --------------------------------------------------------------
    def connect(self, server_url: str, handle: str, secret: str) -> Profile:
        server = (server_url or self.default_server).rstrip("/")
        credentials = {"handle": handle, "secret": secret}
        answer = wire.read("POST", f"{server}/api/session", json=credentials)
        if answer.status == 404:
            raise NotFound("there is no sandbox network at this address", http_status=404)
        try:
            said = _accepted(answer)
        except Unavailable:
            said = {}
        if said.get("network") != NETWORK:
            raise NotFound("there is no sandbox network at this address")
        return Profile(
            remote_id=said["id"],
            handle=said["handle"],
            display_name=said["name"],
            secrets={"token": secret},
        )

    def doctor(self, connection: Connection) -> list[Check]:
        checks = []
        for code, path in (("reachable", "/health"), ("token", "/api/session")):
            try:
                _get(connection, path)
            except PlatformError as exc:
                checks.append(Check(code, False, exc.message))
                break
            checks.append(Check(code, True))
        return checks

    # -- publishing -----------------------------------------------------------
    def prepare(self, connection: Connection, draft: Draft) -> Payload:
        self.refuse(self.validate(draft, connection.options))
        parent_id = draft.parent.remote_id if draft.parent else ""
        body: JSON = {
            "text": draft.text,
            "parent_id": parent_id or None,
            "media": [_upload(connection, file) for file in draft.media],
            "key": draft.key,
            "language": draft.language,
            "created_at": draft.created_at.isoformat(),
        }
        if draft.card is not None:
            body["card"] = {"url": draft.card.url, "title": draft.card.title}
        return Payload(draft.key, draft.text, body, parent_id, draft.created_at)

    def commit(
        self, connection: Connection, payload: Payload, guard: Callable[[], None] | None = None
    ) -> Receipt:
        answer = wire.send(
            "POST",
            _url(connection, "/api/posts"),
            headers=_headers(connection),
            json=payload.body,
            guard=guard,
        )
        post = _accepted(answer, write=True)
        try:
            return _receipt(post)
        except (KeyError, TypeError, ValueError):
            raise OutcomeUnknown(
                "an answer that shows no post", http_status=answer.status
            ) from None

    def newest_own_id(self, connection: Connection) -> str:
        posts = _get(connection, "/api/posts", limit=1)
        return str(posts[0]["id"]) if posts else ""

    def look(
        self,
        connection: Connection,
        payload: Payload,
        *,
        since_id: str,
        since: datetime,
        taken: Collection[str],
    ) -> Look:
        """By key, which this network shows; posts without one are compared by text and parent."""
        alike: list[JSON] = []
        try:
            for post, skew in _own_posts(connection, since_id):
                if post["id"] in taken:
                    continue
                if payload.key and post["key"] == payload.key:
                    return Look("found", _receipt(post), "same key")
                young = since_id or _moment(post) >= since + skew - CLOCK_SLACK
                if young and not post["key"] and _same(payload, post):
                    alike.append(post)
        except _TooMany:
            return Look("cannot_look", note=f"more than {PAGE * PAGES} newer posts")
        if not alike:
            return Look("not_found")
        if len(alike) > 1:
            return Look("ambiguous", note=f"{len(alike)} posts with this text")
        return Look("found", _receipt(alike[0]), "same text")

    # -- reading --------------------------------------------------------------
    def metrics(
        self, connection: Connection, remote_ids: Sequence[str]
    ) -> Mapping[str, Metrics | Literal["gone"]]:
        found: dict[str, Metrics | Literal["gone"]] = {}
        size = self.capabilities.metrics_batch
        for start in range(0, len(remote_ids), size):
            batch = remote_ids[start : start + size]
            counted = _get(connection, "/api/metrics", ids=",".join(batch))
            for remote_id in batch:
                counters = counted.get(remote_id)
                # A counter that is absent is not reported, so it stays None.
                found[remote_id] = (
                    GONE
                    if counters is None
                    else Metrics(**{name: counters.get(name) for name in COUNTED})
                )
        return found

    def audience(self, connection: Connection) -> Audience:
        said = _get(connection, "/api/profile")
        return Audience(said.get("followers"), said.get("following"), said.get("posts"))

    def interactions(self, connection: Connection, cursor: str) -> InteractionPage:
        page = _get(connection, "/api/notifications", since=cursor)
        return InteractionPage(tuple(_interaction(item) for item in page["items"]), page["cursor"])


class _TooMany(Exception):
    """More posts than a look reads."""


def _url(connection: Connection, path: str) -> str:
    return (connection.server_url or SandboxAdapter.default_server).rstrip("/") + path


def _headers(connection: Connection) -> dict[str, str]:
    token = connection.secrets.get("token", "")
    if not token:
        raise AuthRevoked("there is no token for this account")
    # Two handles may have chosen the same secret.
    return {"Authorization": f"Bearer {token}", "X-Handle": connection.handle}


def _accepted(answer: http.Answer, *, write: bool = False) -> Any:
    """The body of a 2xx answer. Raises what the refusal means."""
    if answer.status < 300:
        return wire.body(answer, write=write)
    try:
        said = str(answer.json()["message"])
    except (ValueError, KeyError, TypeError):
        said = ""
    raise wire.refusal(answer, said)


def _read(connection: Connection, path: str, params: Mapping[str, Any]) -> http.Answer:
    return wire.read("GET", _url(connection, path), headers=_headers(connection), params=params)


def _get(connection: Connection, path: str, **params: Any) -> Any:
    return _accepted(_read(connection, path, params))


def _upload(connection: Connection, file: MediaFile) -> str:
    headers = {
        **_headers(connection),
        "Content-Type": file.mime,
        "X-Alt-Text": quote(file.alt_text),
    }
    answer = wire.read(
        "POST", _url(connection, "/api/media"), headers=headers, data=file.read(), timeout=60
    )
    return str(_accepted(answer)["id"])


def _own_posts(connection: Connection, since_id: str) -> Iterator[tuple[JSON, timedelta]]:
    """Own posts newer than `since_id`, newest first, each with how far the server's clock is
    ahead of ours. Raises _TooMany."""
    params = {"since_id": since_id, "limit": PAGE}
    for _ in range(PAGES):
        answer = _read(connection, "/api/posts", params)
        skew = timedelta(seconds=wire.clock_skew(answer.headers, datetime.now(UTC)))
        posts = _accepted(answer)
        for post in posts:
            yield post, skew
        if len(posts) < PAGE:
            return
        params["max_id"] = posts[-1]["id"]
    raise _TooMany


def _same(payload: Payload, post: JSON) -> bool:
    return (post["parent_id"] or "") == payload.parent_id and same_text(payload.text, post["text"])


def _moment(post: JSON) -> datetime:
    return datetime.fromisoformat(post["created_at"])


def _receipt(post: JSON) -> Receipt:
    return Receipt(str(post["id"]), post["url"], _moment(post))


def _interaction(item: JSON) -> RemoteInteraction:
    return RemoteInteraction(
        remote_id=item["id"],
        kind=item["kind"],
        author_handle=item["author"]["handle"],
        author_name=item["author"]["name"],
        text=item["text"],
        created_at=_moment(item),
        permalink=item["url"],
        parent_id=item["parent_id"] or "",
        root_id=item["root_id"] or "",
    )

"""What the server knows, and how it writes it down for clients."""

from __future__ import annotations

import hashlib
import itertools
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from socialhub.tests.support.mastodon_standin import formatting

JSON = dict[str, Any]
KEY_LIFE = timedelta(hours=1)
MAX_BULK = 20


class Refusal(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


@dataclass
class Mode:
    """How this server differs from others; `POST /control/mode` changes it."""

    idempotency: bool = True
    # Takahe: a parent that is not there is dropped without a word.
    drop_missing_parent: bool = False
    # GET /api/v1/statuses?id[]= (4.3 on); otherwise 405.
    bulk: bool = True
    # quotes_count and quote notifications (4.5 on).
    quotes: bool = True
    # GET /api/v2/instance (4.0 on); otherwise 404.
    v2: bool = True
    # Images are processed after the upload was answered.
    slow_media: bool = True
    max_characters: int = 500
    image_size_limit: int = 16_777_216
    # Seconds by which this server's clock is ahead.
    clock_offset: float = 0.0


@dataclass
class Status:
    id: str
    account: str
    text: str
    parent_id: str
    created_at: datetime
    visibility: str = "public"
    language: str = ""
    media: list[str] = field(default_factory=list)
    quoted_id: str = ""
    favourites: set[str] = field(default_factory=set)
    reblogs: set[str] = field(default_factory=set)


@dataclass
class Media:
    id: str
    account: str
    description: str
    mime: str
    content: bytes
    # How often a client must ask before it is ready.
    pending: int
    status_id: str = ""


class Store:
    """Everything in memory; callers hold `lock`."""

    def __init__(self, mode: Mode) -> None:
        self.lock = threading.RLock()
        self.start_mode = mode
        self.reset()

    def reset(self) -> None:
        self.mode = Mode(**vars(self.start_mode))
        self._ids = itertools.count(110_000_000_000_000_001)
        self.statuses: dict[str, Status] = {}
        self.media: dict[str, Media] = {}
        self.keys: dict[tuple[str, str], tuple[str, datetime]] = {}
        self.notifications: list[JSON] = []
        self.apps: dict[str, JSON] = {}
        self.codes: dict[str, JSON] = {}
        # token → {"account", "scopes"}; tokens "token-NAME" exist without an entry.
        self.tokens: dict[str, JSON] = {}
        self.revoked: set[str] = set()
        # account → what control made of its counts: {"followers_count": 3}; None = left out.
        self.counts: dict[str, dict[str, int | None]] = {}

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.mode.clock_offset)

    def new_id(self) -> str:
        return str(next(self._ids))

    # -- writing -----------------------------------------------------------------
    def create(self, account: str, sent: JSON, key: str) -> Status:
        """POST /api/v1/statuses."""
        known = self.keys.get((account, key)) if key and self.mode.idempotency else None
        if known and known[1] > self.now() - KEY_LIFE and known[0] in self.statuses:
            return self.statuses[known[0]]
        text = str(sent.get("status") or "")
        media = [str(number) for number in sent.get("media_ids") or []]
        self._check(account, text, media)
        status = Status(
            id=self.new_id(),
            account=account,
            text=text,
            parent_id=self._parent(str(sent.get("in_reply_to_id") or "")),
            created_at=self.now(),
            visibility=str(sent.get("visibility") or "public"),
            language=str(sent.get("language") or ""),
            media=media,
        )
        self.add(status)
        if key:
            self.keys[account, key] = (status.id, self.now())
        return status

    def add(self, status: Status) -> None:
        """Keep it and tell those it mentions or quotes."""
        self.statuses[status.id] = status
        for number in status.media:
            self.media[number].status_id = status.id
        for name in formatting.mentioned(status.text):
            self._notify("mention", name.split("@")[0], status)
        if status.quoted_id and self.mode.quotes:
            self._notify("quote", self.statuses[status.quoted_id].account, status)

    def _notify(self, kind: str, to: str, status: Status) -> None:
        if to != status.account:
            self.notifications.append(
                {"id": self.new_id(), "type": kind, "to": to, "status": status.id}
            )

    def _parent(self, parent_id: str) -> str:
        if not parent_id or parent_id in self.statuses:
            return parent_id
        if self.mode.drop_missing_parent:
            return ""
        raise Refusal(404, "The post you are trying to reply to does not appear to exist.")

    def _check(self, account: str, text: str, media: list[str]) -> None:
        limit = self.mode.max_characters
        if not text.strip() and not media:
            raise Refusal(422, "Validation failed: Text can't be blank")
        if formatting.length(text) > limit:
            raise Refusal(422, f"Validation failed: Text character limit of {limit} exceeded")
        if len(media) > 4:
            raise Refusal(422, "Cannot attach more than 4 files")
        files = [self.media.get(number) for number in media]
        if any(f is None or f.account != account or f.status_id for f in files):
            raise Refusal(422, "Media not found or already attached to another post")
        if any(f and f.pending for f in files):
            raise Refusal(422, "Cannot attach files that have not finished processing.")

    def attach(self, account: str, content: bytes, mime: str, description: str) -> Media:
        """POST /api/v2/media."""
        if not mime.startswith("image/"):
            raise Refusal(422, "Validation failed: File content type is invalid")
        if len(content) > self.mode.image_size_limit:
            raise Refusal(422, "Validation failed: File file size must be less than the limit")
        # Two looks: the first is answered 206.
        pending = 2 if self.mode.slow_media else 0
        media = Media(self.new_id(), account, description, mime, content, pending)
        self.media[media.id] = media
        return media

    def remove(self, status_id: str) -> None:
        """A deleted parent leaves its answers without one."""
        del self.statuses[status_id]
        for status in self.statuses.values():
            if status.parent_id == status_id:
                status.parent_id = ""

    # -- reading -----------------------------------------------------------------
    def find(self, status_id: str) -> Status:
        try:
            return self.statuses[status_id]
        except KeyError:
            raise Refusal(404, "Record not found") from None

    def around(self, status: Status) -> tuple[list[Status], list[Status]]:
        """Ancestors, oldest first, and descendants."""
        above: list[Status] = []
        below: list[Status] = []
        parent = self.statuses.get(status.parent_id)
        while parent:
            above.insert(0, parent)
            parent = self.statuses.get(parent.parent_id)
        known = {status.id}
        for other in self.statuses.values():
            if other.parent_id in known:
                known.add(other.id)
                below.append(other)
        return above, below

    # -- as JSON -----------------------------------------------------------------
    def own_json(self, name: str, base: str) -> JSON:
        """CredentialAccount: what verify_credentials says. The stand-in keeps no follows."""
        counts: dict[str, int | None] = {
            "followers_count": 0,
            "following_count": 0,
            "statuses_count": sum(s.account == name for s in self.statuses.values()),
        }
        counts |= self.counts.get(name, {})
        shown = {key: count for key, count in counts.items() if count is not None}
        return account_json(name, base) | shown

    def status_json(self, status: Status, base: str) -> JSON:
        """https://docs.joinmastodon.org/entities/Status/"""
        parent = self.statuses.get(status.parent_id)
        shown: JSON = {
            "id": status.id,
            "created_at": stamp(status.created_at),
            "in_reply_to_id": status.parent_id or None,
            "in_reply_to_account_id": account_id(parent.account) if parent else None,
            "visibility": status.visibility,
            "language": status.language or None,
            "uri": f"{base}/users/{status.account}/statuses/{status.id}",
            "url": f"{base}/@{status.account}/{status.id}",
            "replies_count": sum(s.parent_id == status.id for s in self.statuses.values()),
            "reblogs_count": len(status.reblogs),
            "favourites_count": len(status.favourites),
            "content": formatting.to_html(status.text, base),
            "account": account_json(status.account, base),
            "media_attachments": [media_json(self.media[m], base) for m in status.media],
        }
        if self.mode.quotes:
            shown["quotes_count"] = sum(s.quoted_id == status.id for s in self.statuses.values())
        if status.quoted_id:
            quoted = self.statuses.get(status.quoted_id)
            inner = self.status_json(quoted, base) if quoted else None
            shown["quote"] = {"state": "accepted", "quoted_status": inner}
        return shown

    def instance_json(self, host: str) -> JSON:
        """https://docs.joinmastodon.org/entities/Instance/ (what clients plan with)."""
        return {
            "domain": host,
            "title": "Stand-in",
            "version": "4.5.0",
            "configuration": {
                "statuses": {
                    "max_characters": self.mode.max_characters,
                    "max_media_attachments": 4,
                    "characters_reserved_per_url": 23,
                },
                "media_attachments": {
                    "description_limit": 1500,
                    "image_size_limit": self.mode.image_size_limit,
                    "image_matrix_limit": 33_177_600,
                    "supported_mime_types": ["image/jpeg", "image/png", "image/gif", "image/webp"],
                },
            },
            "api_versions": {"mastodon": 7 if self.mode.quotes else 2},
        }


def stamp(moment: datetime) -> str:
    """Milliseconds and Z, as Mastodon writes times."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def account_id(name: str) -> str:
    """Stable per name, so that a restarted server knows the same people."""
    return str(10**17 + int(hashlib.sha256(name.encode()).hexdigest()[:10], 16))


def account_json(name: str, base: str) -> JSON:
    """https://docs.joinmastodon.org/entities/Account/; "user@host" is somebody elsewhere."""
    user, _, host = name.partition("@")
    return {
        "id": account_id(name),
        "username": user,
        "acct": name,
        "display_name": user.title(),
        "url": f"https://{host}/@{user}" if host else f"{base}/@{user}",
        "avatar": f"{base}/avatars/missing.png",
        "avatar_static": f"{base}/avatars/missing.png",
    }


def media_json(media: Media, base: str) -> JSON:
    """https://docs.joinmastodon.org/entities/MediaAttachment/"""
    return {
        "id": media.id,
        "type": "image",
        "url": None if media.pending else f"{base}/media/{media.id}",
        "description": media.description,
    }

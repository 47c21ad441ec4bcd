"""The sandbox network's share of the demo's past: posts, and what others answered to them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from django.utils import timezone

from socialhub import http
from socialhub.models import Account, Organisation
from socialhub.platforms.base import RemoteInteraction
from socialhub.seeds import history, pictures, texts
from socialhub.seeds.texts import Text
from socialhub.services.reading import read

JSON = dict[str, Any]
NAMESPACE = uuid.UUID("6f1c2f3e-6c0e-4a43-9d6b-0b6f5d0c2a11")


@dataclass(frozen=True, slots=True)
class PastPost:
    """A post of the past, and by handle how the network has it: id, url, created_at."""

    name: str
    text: Text
    remote: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class Answers:
    """All that others wrote to an account so far, and the cursor after it."""

    items: list[RemoteInteraction]
    cursor: str


def key(name: str, handle: str) -> str:
    """The client's key of a past post on the network."""
    return str(uuid.uuid5(NAMESPACE, f"{name}/{handle}"))


def posts(server: str) -> list[PastPost]:
    """Give the network the posts of the past weeks, each once. Calls the network."""
    now = timezone.now()
    found = history.planned(now, Organisation.get().zone)
    answer = http.request("GET", f"{server}/control/posts")
    there = {post["key"]: post for post in answer.json() if post.get("key")}
    missing = {
        key(one.name, handle): (handle, one.text)
        for one in found
        for handle in one.text.accounts
        if key(one.name, handle) not in there
    }
    images = _upload(server, (text for _, text in missing.values()))
    sent = [
        _wire(text, handle, known, now) | {"media": images.get((text.picture, text.alt), [])}
        for known, (handle, text) in missing.items()
    ]
    there |= dict(zip(missing, _send(server, sent), strict=True))
    return [
        PastPost(one.name, one.text, {h: there[key(one.name, h)] for h in one.text.accounts})
        for one in found
    ]


def _upload(server: str, wanted: Iterable[Text]) -> dict[tuple[str, str], list[str]]:
    """Ids of the pictures on the network, by picture and alt text."""
    found = {}
    for picture, alt in sorted({(text.picture, text.alt) for text in wanted if text.picture}):
        headers = {
            "Authorization": f"Bearer sandbox-{texts.MAIN}",
            "Content-Type": "image/jpeg",
            "X-Alt-Text": quote(alt),
        }
        answer = http.request(
            "POST", f"{server}/api/media", headers=headers, data=pictures.jpeg(picture)
        )
        found[picture, alt] = [_accepted(answer)["id"]]
    return found


def _wire(text: Text, handle: str, known: str, now: datetime) -> JSON:
    created_at = now + (text.due or timedelta())
    card = {"url": text.link, "title": urlsplit(text.link).hostname} if text.link else {}
    return {
        "handle": handle,
        "text": f"{text.text}\n\n{text.link}".strip(),
        "created_at": created_at.isoformat(),
        "language": text.language,
        "key": known,
        "card": card,
    }


def _send(server: str, given: list[JSON]) -> list[JSON]:
    if not given:
        return []
    return list(_accepted(http.request("POST", f"{server}/control/posts", json={"posts": given})))


def _accepted(answer: http.Answer) -> Any:
    if answer.status not in (200, 201):
        raise RuntimeError(f"the sandbox network refused the demo's history: {answer.status}")
    return answer.json()


def answers(account: Account) -> Answers:
    """What others answered so far. Calls the network."""
    found, cursor = Answers([], ""), ""
    while True:
        page = read(account, lambda to: account.adapter.interactions(to, cursor))  # noqa: B023
        if page.cursor == cursor:
            return found
        cursor = page.cursor
        found = Answers([*found.items, *page.items], cursor)

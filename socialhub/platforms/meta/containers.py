"""Posts made in steps, as Instagram and Threads make them: container, finished, published.

https://developers.facebook.com/docs/instagram-platform/content-publishing
https://developers.facebook.com/docs/threads/posts
A container lives for a day and becomes one post at most, so after a lost answer its status says
what happened: PUBLISHED it is out, FINISHED it is not and may be published again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from socialhub import http
from socialhub.platforms.base import JSON, Look, MediaFile, Payload, Receipt, RemoteInteraction
from socialhub.platforms.errors import (
    InvalidContent,
    NotFound,
    OutcomeUnknown,
    PlatformError,
    RateLimited,
    Unavailable,
)
from socialhub.platforms.meta.graph import Graph, moment
from socialhub.platforms.text import same_text

# How long Meta may take to fetch and process all pictures of a post, in seconds.
READY_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
# https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/error-codes
NOT_FETCHED = re.compile(r"\b(?:9004|2207052|2207003)\b")
USED_UP = "code 24"
ADDRESS = re.compile(r"https?://\S+")
NOT_PUBLIC = (
    "the network cannot fetch the image: it must be reachable for everybody under the public "
    "media address (PUBLIC_MEDIA_URL)"
)
# A used up quota is one of the last 24 hours: it comes back bit by bit.
QUOTA_PAUSE = timedelta(hours=1)
PAGE = 50
MAX_PAGES = 5
# How far their clock and ours may still differ after correction.
SLACK = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Steps:
    """What a network calls the steps, relative to the account, and the fields of a container."""

    create: str
    publish: str
    status: str
    reason: str


# -- making ---------------------------------------------------------------------------


def create(graph: Graph, user: str, steps: Steps, data: JSON) -> str:
    """Id of a new container. Raises InvalidContent, also for a picture nobody can fetch."""
    try:
        container_id = graph.post(f"{user}/{steps.create}", data=data).get("id")
    except PlatformError as exc:
        clean(exc)
        raise
    if not container_id:
        raise Unavailable("Meta's answer names no container")
    return str(container_id)


def made(graph: Graph, user: str, steps: Steps, data: JSON, parts: Sequence[JSON] = ()) -> str:
    """Id of a container that can be published; `parts` are those of a carousel.

    Raises InvalidContent when Meta cannot make it, Unavailable when it takes too long.
    """
    deadline = time.monotonic() + READY_SECONDS
    children = [create(graph, user, steps, {**part, "is_carousel_item": "true"}) for part in parts]
    for child in children:
        _wait(graph, steps, child, deadline)
    if children:
        data = {**data, "media_type": "CAROUSEL", "children": ",".join(children)}
    container_id = create(graph, user, steps, data)
    _wait(graph, steps, container_id, deadline)
    return container_id


def _wait(graph: Graph, steps: Steps, container_id: str, deadline: float) -> None:
    pause = FIRST_PAUSE
    while True:
        status, reason = state_of(graph, steps, container_id)
        if status == "FINISHED":
            return
        if status == "ERROR":
            raise clean(InvalidContent(reason or "Meta could not process the post"))
        if status == "EXPIRED":
            # The next attempt makes another one.
            raise Unavailable("the container has expired")
        if time.monotonic() + pause > deadline:
            raise Unavailable("Meta is still processing the post")
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)


def state_of(graph: Graph, steps: Steps, container_id: str) -> tuple[str, str]:
    """Status (IN_PROGRESS, FINISHED, PUBLISHED, ERROR, EXPIRED) and the reason of an error."""
    said = graph.get(container_id, fields=f"{steps.status},{steps.reason}")
    return str(said.get(steps.status) or ""), str(said.get(steps.reason) or "")[:300]


def picture_url(file: MediaFile) -> str:
    """Address under which Meta fetches the picture. Raises InvalidContent where it cannot."""
    if file.public_url is None:
        raise InvalidContent(NOT_PUBLIC)
    url = file.public_url()
    try:
        http.check_address(url)
    except http.AddressRefused:
        raise InvalidContent(NOT_PUBLIC) from None
    except http.RequestNotSent:
        # Whether the name exists is for Meta's servers to say, not for this machine.
        pass
    return url


def clean(exc: PlatformError) -> PlatformError:
    """The same error without addresses: those of our pictures hold a signature. (Changed, not
    made anew, which would keep the first one as its context.)"""
    if isinstance(exc, InvalidContent) and NOT_FETCHED.search(exc.message):
        exc.message = NOT_PUBLIC
    exc.message = ADDRESS.sub("…", exc.message)
    exc.args = (exc.message,)
    return exc


def refuse_used_up(used: object, quota: object) -> None:
    """Raise RateLimited when nothing is left of a quota of 24 hours."""
    if isinstance(used, int) and isinstance(quota, int) and 0 < quota <= used:
        at = datetime.now(UTC) + QUOTA_PAUSE
        raise RateLimited(f"{used} of {quota} posts in 24 hours are used", retry_at=at)


# -- publishing -----------------------------------------------------------------------


def publish(
    graph: Graph, user: str, steps: Steps, payload: Payload, guard: Callable[[], None] | None
) -> str:
    """Id of the post that the container has become."""
    creation_id = str(payload.body.get("creation_id") or "")
    try:
        said = graph.publish(f"{user}/{steps.publish}", {"creation_id": creation_id}, guard)
    except NotFound as exc:
        if USED_UP not in exc.message:
            raise
        # They say so too of a container that has become a post: its status tells.
        raise OutcomeUnknown(exc.message, http_status=exc.http_status) from None
    return named(said)


def named(said: JSON) -> str:
    """The id in the answer to a publishing call."""
    if not said.get("id"):
        raise OutcomeUnknown("Meta's answer names no post")
    return str(said["id"])


def with_address(graph: Graph, remote_id: str, data: JSON) -> Receipt:
    """The receipt of a post that is out; without address and time when those cannot be read."""
    try:
        said = graph.get(remote_id, fields="permalink,timestamp")
    except PlatformError:
        said = {}
    return receipt({**said, "id": remote_id}, data)


def receipt(post: JSON, data: JSON) -> Receipt:
    return Receipt(
        remote_id=str(post["id"]),
        permalink=str(post.get("permalink") or ""),
        published_at=moment(post.get("timestamp")),
        data=data,
    )


# -- looking --------------------------------------------------------------------------


def by_container(graph: Graph, steps: Steps, payload: Payload) -> str:
    """ "out", "not_out", or "gone": Meta does not know the container any more.

    Raises Unavailable while it may still become a post.
    """
    creation_id = str(payload.body.get("creation_id") or "")
    try:
        status, _ = state_of(graph, steps, creation_id)
    except (NotFound, InvalidContent):
        return "gone"
    if status == "PUBLISHED":
        return "out"
    if status in ("FINISHED", "EXPIRED", "ERROR"):
        return "not_out"
    raise Unavailable("Meta is still processing the post")


def own_since(
    graph: Graph, path: str, fields: str, since_id: str, since: datetime
) -> Iterator[JSON]:
    """Entries of a list that comes newest first, down to `since_id` or `since`.

    Raises Unavailable when there are more than MAX_PAGES pages of them.
    """
    seen = 0
    for found in graph.pages(path, MAX_PAGES, fields=fields, limit=PAGE):
        seen += 1
        earliest = since + timedelta(seconds=graph.skew) - SLACK
        for post in found:
            at = moment(post.get("timestamp"))
            if str(post.get("id")) == since_id or (at is not None and at < earliest):
                return
            yield post
    if seen == MAX_PAGES:
        raise Unavailable("the account has too many new posts to look through")


def verdict(hits: Collection[JSON], data: JSON) -> Look:
    """What so many fitting posts mean."""
    if not hits:
        return Look("not_found")
    if len(hits) > 1:
        return Look("ambiguous", note=f"{len(hits)} own posts with this text")
    return Look("found", receipt(next(iter(hits)), data))


def same(post: JSON, payload: Payload, name: str, taken: Collection[str]) -> bool:
    """Has this post the payload's text, in the field `name`, and does nobody own it yet?"""
    return str(post.get("id")) not in taken and same_text(payload.text, str(post.get(name) or ""))


def in_order(item: RemoteInteraction) -> tuple[datetime, int, str]:
    """Sorts oldest first; times are whole seconds, ids grow."""
    return item.created_at, len(item.remote_id), item.remote_id

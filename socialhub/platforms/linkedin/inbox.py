"""What others wrote under our posts.

LinkedIn tells about no new comment by itself that an app without a public address could hear, so
the newest posts are asked. To keep within the daily limits, only those are read whose number of
comments has changed; now and then all, since one removed and one added look like none.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from socialhub.platforms.base import JSON, InteractionPage, Metrics, RemoteInteraction
from socialhub.platforms.errors import NotFound, Unavailable
from socialhub.platforms.linkedin import comments, posts, reading
from socialhub.platforms.linkedin.client import Api

# Posts watched, newest first.
WATCHED = 30
SWEEP = timedelta(hours=6)
CURSOR_MAX = 300


def page(api: Api, author: str, cursor: str) -> InteractionPage:
    """Comments on own posts and answers to those; known ones may come again."""
    now = datetime.now(UTC)
    swept, before = _read(cursor)
    sweep = now - swept >= SWEEP
    watched, _ = posts.own(api, author, WATCHED)
    counts = _counts(api, [str(post["id"]) for post in watched])
    items: dict[str, RemoteInteraction] = {}
    known: dict[str, int] = {}
    for post in (str(post["id"]) for post in watched):
        count, short = counts.get(post), _short(post)
        is_known = count is not None and before.get(short) == count and not sweep
        if count == 0 or is_known or _complete(api, author, post, items):
            known |= {} if count is None else {short: count}
    ordered = sorted(items.values(), key=lambda item: item.created_at)
    return InteractionPage(tuple(ordered), _written(now if sweep else swept, known))


def _complete(api: Api, author: str, post: str, items: dict[str, RemoteInteraction]) -> bool:
    """Read a post's comments into `items`; False: some could not be read, so try again."""
    try:
        for item in _under(api, author, post):
            items[item.remote_id] = item
    except NotFound:
        # Deleted since the list was made.
        return True
    except Unavailable:
        return False
    return True


def _counts(api: Api, ids: list[str]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for start in range(0, len(ids), reading.BATCH):
        for one, counted in reading.summaries(api, ids[start : start + reading.BATCH]).items():
            found[one] = counted.comments if isinstance(counted, Metrics) else 0
    return found


def _under(api: Api, author: str, post: str) -> Iterator[RemoteInteraction]:
    """Comments on a post by others, and the answers to any comment there."""
    for comment, _ in comments.under(api, post):
        top = comments.urn_of(comment, post)
        if comment.get("actor") != author:
            yield _item(comment, post, post, top)
        if not (comment.get("commentsSummary") or {}).get("aggregatedTotalComments"):
            continue
        # Under a comment of ours its answers are for that part of the series.
        parent = top if comment.get("actor") == author else post
        for answer, _ in comments.under(api, top):
            if answer.get("actor") != author:
                yield _item(answer, post, parent, top)


def _item(comment: JSON, post: str, parent: str, top: str) -> RemoteInteraction:
    remote_id = comments.urn_of(comment, post)
    actor = str(comment.get("actor") or "")
    handle, name = _author(comment, actor)
    return RemoteInteraction(
        remote_id=remote_id,
        kind="comment",
        author_handle=handle,
        author_name=name,
        text=comments.text_of(comment),
        created_at=comments.made_at(comment) or datetime.now(UTC),
        permalink=comments.permalink(post, remote_id),
        parent_id=parent,
        root_id=post,
        data={
            "comment": remote_id,
            "top": top,
            "object": str(comment.get("object") or post),
            "author": actor,
        },
    )


def _author(comment: JSON, actor: str) -> tuple[str, str]:
    """Handle and name. LinkedIn gives a member's name only where it adds the profile itself."""
    shown = comment.get("actor~")
    profile = shown if isinstance(shown, dict) else {}
    parts = (profile.get("localizedFirstName"), profile.get("localizedLastName"))
    name = str(profile.get("localizedName") or " ".join(str(part) for part in parts if part))
    return str(profile.get("vanityName") or actor.rpartition(":")[2]), name


# -- the cursor: hour of the last sweep, and what each post had: "8d2k;1x3f.4,09zz.1c" -----


def _read(cursor: str) -> tuple[datetime, dict[str, int]]:
    """The start of time and nothing for a cursor that is none of ours."""
    hour, _, rest = cursor.partition(";")
    try:
        swept = datetime.fromtimestamp(int(hour, 36) * 3_600, UTC)
        pairs = [one.split(".") for one in rest.split(",") if one]
        return swept, {short: int(count, 36) for short, count in pairs}
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC), {}


def _written(swept: datetime, counts: Mapping[str, int]) -> str:
    """What does not fit is left out: those posts are read again."""
    cursor = f"{_base36(int(swept.timestamp()) // 3_600)};"
    for short, count in counts.items():
        one = f"{short}.{_base36(count)},"
        if len(cursor) + len(one) <= CURSOR_MAX:
            cursor += one
    return cursor


def _short(post: str) -> str:
    """Four characters for a post: two alike among thirty are rare, and a sweep finds them."""
    return _base36(zlib.crc32(post.encode()) % 36**4)


def _base36(number: int) -> str:
    digits = ""
    while number or not digits:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return digits

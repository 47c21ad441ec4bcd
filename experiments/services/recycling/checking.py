"""Are a post's links alive and its pictures there? Asked by the daily job only, and remembered."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.conf import settings

from experiments.models import LinkState, PostCheck
from socialhub import http
from socialhub.models import Post

FRESH = timedelta(days=7)
# A site that was down three times, days apart, is as good as gone.
PATIENCE, APART = 3, timedelta(hours=20)
SECONDS, MOST_BYTES = 8.0, 2_000_000
# Posts whose link was dead or silent, looked at again per run.
AGAIN = 20
GONE = (404, 410)
HEAD_REFUSED = (403, 405, 501)

_URL = re.compile(r"https?://[^\s<>\"')\]]+")


def ensure(post: Post, now: datetime) -> PostCheck:
    """The last look if it is younger than a week, else a new one. Not in a transaction."""
    found = PostCheck.objects.filter(post=post).first()
    if found is not None and now - found.checked_at < FRESH and not found.failures:
        return found
    if found is not None and now - found.checked_at < APART:
        return found
    return _look(post, found or PostCheck(post=post), now)


def again(now: datetime) -> int:
    """Look again at what did not answer; how many."""
    rows = PostCheck.objects.exclude(link=LinkState.ALIVE).filter(checked_at__lt=now - FRESH)
    waiting = list(rows.select_related("post").order_by("checked_at")[:AGAIN])
    for row in waiting:
        _look(row.post, row, now)
    return len(waiting)


def addresses(post: Post) -> list[str]:
    """The post's link and those in its text; our own short links are ours to keep."""
    texts = [post.text, *post.publications.exclude(text_override="").values_list("text_override")]
    found = [post.link] if post.link else []
    for text in texts:
        found += _URL.findall(text if isinstance(text, str) else text[0])
    own = f"{settings.PUBLIC_URL}/"
    return [url.rstrip(".,;:!?") for url in dict.fromkeys(found) if not url.startswith(own)]


def _look(post: Post, row: PostCheck, now: datetime) -> PostCheck:
    answers = [(url, *_ask(url)) for url in addresses(post)]
    dead = [one for one in answers if one[1] == LinkState.DEAD]
    silent = [one for one in answers if one[1] == LinkState.UNKNOWN and one[2]]
    row.failures = row.failures + 1 if silent else 0
    row.link, row.link_detail = LinkState.ALIVE, ""
    if dead or row.failures >= PATIENCE:
        url, _state, said = (dead or silent)[0]
        row.link, row.link_detail = LinkState.DEAD, f"{url[:200]} ({said})"
    elif silent:
        row.link = LinkState.UNKNOWN
    row.media_missing = not all(
        asset.file.storage.exists(asset.file.name or "") for asset in post.media.all()
    )
    row.checked_at = now
    row.save()
    return row


def _ask(url: str) -> tuple[str, str]:
    """(state, what was said); unknown without a word is no failure of the site."""
    try:
        status = _status("HEAD", url)
        if status in HEAD_REFUSED:
            status = _status("GET", url)
    except http.AddressRefused:
        # An address inside the house: not ours to visit, and no sign of anything.
        return LinkState.UNKNOWN, ""
    except (http.RequestNotSent, http.AnswerLost) as exc:
        return LinkState.UNKNOWN, str(exc)[:80]
    if status in GONE:
        return LinkState.DEAD, str(status)
    return (LinkState.UNKNOWN, str(status)) if status >= 500 else (LinkState.ALIVE, "")


def _status(method: str, url: str) -> int:
    return http.request(method, url, timeout=SECONDS, max_bytes=MOST_BYTES).status

"""The desk that is measured: accounts on eight networks, and posts of the last 90 days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

NETWORKS = (
    "x",
    "facebook",
    "instagram",
    "meta_threads",
    "linkedin",
    "telegram",
    "bluesky",
    "mastodon",
)
ACCOUNTS = 5
DAYS = 90
# What one batch takes at most: X has posts younger and older than 30 days, Instagram a post and
# its insights; LinkedIn names its two kinds of posts apart.
CALLS_PER_BATCH = {
    "x": 2,
    "facebook": 1,
    "instagram": 2,
    "meta_threads": 1,
    "linkedin": 1,
    "telegram": 0,
    "bluesky": 1,
    "mastodon": 1,
}
# X counts milliseconds from here in its ids.
SNOWFLAKE = 1_288_834_974_657


def remote_id(network: str, account: int, number: int, at: datetime) -> str:
    """As the network writes them: adapters read time and kind out of an id."""
    if network == "x":
        return str((int(at.timestamp() * 1000) - SNOWFLAKE << 22) + number)
    if network == "facebook":
        return f"{profile(network, account)}_{10**12 + number}"
    if network == "linkedin":
        return f"urn:li:share:{7 * 10**18 + number}"
    if network == "bluesky":
        return f"at://{profile(network, account)}/app.bsky.feed.post/3l{number:011d}"
    return str(10**15 + number)


def profile(network: str, account: int) -> str:
    """The remote id of an account."""
    if network == "linkedin":
        return f"urn:li:organization:{1000 + account}"
    if network == "bluesky":
        return f"did:plc:bench{account}"
    return str(500_000 + account)


def build(count: int, servers: Mapping[str, str], now: datetime) -> dict[str, list[int]]:
    """Accounts, posts and publications; the ids of the publications by network."""
    from socialhub.models import Account, AccountStatus, Credential, Post, Publication
    from socialhub.models import PublicationStatus as Status

    made: dict[str, list[int]] = {}
    each = count // (len(NETWORKS) * ACCOUNTS)
    number = 0
    for network in NETWORKS:
        made[network] = []
        for place in range(ACCOUNTS):
            account = Account.objects.create(
                platform=network,
                server_url=servers[network],
                handle=f"{network}{place}",
                remote_id=profile(network, place),
                status=AccountStatus.ACTIVE,
                options={"scopes": ""},
            )
            Credential.objects.create(account=account, secrets=_secrets())
            rows = []
            for n in range(each):
                number += 1
                at = now - timedelta(days=DAYS) * (n + 0.5) / each
                post = Post(text=f"Post {number} of the bench")
                rows.append((post, at, remote_id(network, place, number, at)))
            posts = Post.objects.bulk_create([row[0] for row in rows])
            publications = Publication.objects.bulk_create(
                Publication(
                    post=post,
                    account=account,
                    status=Status.PUBLISHED,
                    due_at=at,
                    not_before=at,
                    published_at=at,
                    remote_id=remote,
                )
                for post, (_post, at, remote) in zip(posts, rows, strict=True)
            )
            made[network] += [one.pk for one in publications]
    return made


def _secrets() -> dict[str, Any]:
    return dict.fromkeys(("access_token", "access", "refresh", "token"), "bench-token")

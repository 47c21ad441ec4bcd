"""Posts on the sandbox network of a seeding that was interrupted: nobody here knows them."""

from __future__ import annotations

from collections.abc import Mapping

from socialhub import http
from socialhub.models import Account, Publication


def clear(server: str, accounts: Mapping[str, Account]) -> int:
    """Delete from the network what is on no row of ours; how many. Calls the network."""
    known = set(
        Publication.objects.filter(account__in=accounts.values()).values_list(
            "remote_id", flat=True
        )
    )
    answer = http.request("GET", f"{server}/control/posts")
    unknown = [
        post
        for post in answer.json()
        # The key of our client: nobody else's post is touched.
        if post["account"] in accounts and post["key"] and post["id"] not in known
    ]
    for post in unknown:
        headers = {"Authorization": f"Bearer sandbox-{post['account']}"}
        http.request("DELETE", f"{server}/api/posts/{post['id']}", headers=headers)
    return len(unknown)

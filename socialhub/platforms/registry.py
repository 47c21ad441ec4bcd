"""Which networks exist. A new network is one line here; see docs/adding-a-platform.md."""

from __future__ import annotations

from socialhub.platforms.base import PlatformAdapter
from socialhub.platforms.bluesky import BlueskyAdapter
from socialhub.platforms.facebook import FacebookAdapter
from socialhub.platforms.instagram import InstagramAdapter
from socialhub.platforms.linkedin import LinkedInAdapter
from socialhub.platforms.mastodon import MastodonAdapter
from socialhub.platforms.meta_threads import MetaThreadsAdapter
from socialhub.platforms.sandbox import SandboxAdapter
from socialhub.platforms.telegram import TelegramAdapter
from socialhub.platforms.x import XAdapter

ADAPTERS: dict[str, PlatformAdapter] = {
    adapter.slug: adapter
    for adapter in (
        BlueskyAdapter(),
        FacebookAdapter(),
        InstagramAdapter(),
        LinkedInAdapter(),
        MastodonAdapter(),
        MetaThreadsAdapter(),
        SandboxAdapter(),
        TelegramAdapter(),
        XAdapter(),
    )
}


class UnknownPlatform(LookupError):
    """There is no adapter of that name."""


def get_adapter(slug: str) -> PlatformAdapter:
    """The adapter for a platform slug. Raises UnknownPlatform."""
    try:
        return ADAPTERS[slug]
    except KeyError:
        raise UnknownPlatform(slug) from None

"""Mastodon and servers that speak its client API (GoToSocial, Takahe, Pleroma …)."""

from socialhub.platforms.mastodon.adapter import MastodonAdapter

__all__ = ["MastodonAdapter"]

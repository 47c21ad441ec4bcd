"""Bluesky (AT Protocol), https://docs.bsky.app/ and https://atproto.com/specs."""

from socialhub.platforms.bluesky.adapter import BlueskyAdapter

__all__ = ["BlueskyAdapter"]

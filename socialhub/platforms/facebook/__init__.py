"""Facebook pages, through Meta's Graph API."""

from socialhub.platforms.facebook.adapter import FacebookAdapter

__all__ = ["FacebookAdapter"]

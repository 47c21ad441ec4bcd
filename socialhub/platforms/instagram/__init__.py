"""Instagram, professional accounts: https://developers.facebook.com/docs/instagram-platform"""

from socialhub.platforms.instagram.adapter import InstagramAdapter

__all__ = ["InstagramAdapter"]

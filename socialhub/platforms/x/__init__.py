"""X (API v2), paid per use."""

from socialhub.platforms.x.adapter import XAdapter

__all__ = ["XAdapter"]

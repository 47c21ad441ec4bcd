"""LinkedIn pages, through the versioned REST API."""

from socialhub.platforms.linkedin.adapter import LinkedInAdapter

__all__ = ["LinkedInAdapter"]

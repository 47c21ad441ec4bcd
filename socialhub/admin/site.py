"""The admin site: unfold's, with Today as its landing page."""

from __future__ import annotations

from unfold.sites import UnfoldAdminSite


class SocialHubAdminSite(UnfoldAdminSite):
    """Pages of our own are added in get_urls."""

"""Pages and fragments."""

from __future__ import annotations

from analytics.views.publication import publication_panel

__all__ = ["publication_panel"]

"""Pages and fragments."""

from __future__ import annotations

from analytics.views.publication import measure, publication_panel

__all__ = ["measure", "publication_panel"]

"""The organisation's colours, name and logo, as templates use them."""

from __future__ import annotations

from socialhub.models import MediaAsset, Organisation
from threads.rendering import Brand
from threads.rendering.filling import COLOURS
from threads.services.pictures import amounts


def current() -> tuple[Brand, MediaAsset | None]:
    """Of the organisation as it is now, with the file of its logo; missing colours are ours."""
    row = Organisation.get()
    chosen = row.brand_colours if isinstance(row.brand_colours, list) else []
    colours = tuple(
        (amounts.colour(chosen[n]) if n < len(chosen) else None) or ours
        for n, ours in enumerate(COLOURS)
    )
    logo = row.logo
    return Brand(row.name, f"media:{logo.sha256}" if logo else "", colours), logo

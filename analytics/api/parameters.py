"""The parameters as the OpenAPI document shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from drf_spectacular.utils import OpenApiParameter

from analytics.queries.filters import DEFAULT_DAYS, MOST_DAYS
from socialhub.models import ContentType
from socialhub.platforms.registry import ADAPTERS


def described(
    name: str, description: str, *, type_: type = str, enum: Sequence[str] | None = None
) -> OpenApiParameter:
    return OpenApiParameter(name, type_, description=description, enum=enum)


def common(days: int = DEFAULT_DAYS) -> list[Any]:
    """The filters, with `days` when no period is given."""
    period = f"The last days, today included: 1 to {MOST_DAYS}, {days} when not given."
    return [
        described("days", period, type_=int),
        described("from", "First local day, instead of days.", type_=date),
        described("to", "Last local day, included.", type_=date),
        described("platform", "A network.", enum=sorted(ADAPTERS)),
        described("account", "Id of an account.", type_=int),
        described("campaign", "Id of a campaign.", type_=int),
        described("content_type", "A type of post.", enum=ContentType.values),
    ]

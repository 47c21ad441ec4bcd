"""Products and services for image templates and writers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.services import catalogue
from socialhub import policies
from socialhub.registries import DataItem, DataSource, register_data_source

LABELS = {"product": _("Product"), "service": _("Service")}


def register() -> None:
    """Offer both kinds; people without a view of the catalogue find nothing."""
    for kind, model in catalogue.KINDS.items():
        register_data_source(DataSource(kind, LABELS[kind], _finder(model), _getter(model)))


def _finder(model: catalogue.ItemClass) -> Callable[[Any, str, int], Sequence[DataItem]]:
    def find(user: Any, search: str, limit: int) -> list[DataItem]:
        if not policies.can(user, "view_catalogue"):
            return []
        rows = model.objects.filter(is_active=True, is_available=True)
        found = catalogue.matching(rows, search).order_by("name", "pk")
        return [_item(row) for row in found[:limit]]

    return find


def _getter(model: catalogue.ItemClass) -> Callable[[Any, str], DataItem | None]:
    def get(user: Any, key: str) -> DataItem | None:
        if not policies.can(user, "view_catalogue") or not _is_id(key):
            return None
        row = model.objects.filter(pk=int(key)).first()
        return _item(row) if row else None

    return get


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < 19


def _item(row: catalogue.Item) -> DataItem:
    return DataItem(
        key=str(row.pk),
        label=row.name,
        values={
            "title": row.name,
            "text": row.description,
            "price": row.price,
            "currency": row.currency,
            "tax_included": row.tax_included,
            "image": row.image_id,
            "url": row.url,
        },
    )

"""A price changed: which posts that are not out yet may show the old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from crm.models import PriceFlag, Product, Service
from crm.services import notices
from socialhub import signals
from socialhub.models import Post, Publication, PublicationStatus

Price = tuple[Decimal | None, str]
OUT = (PublicationStatus.PUBLISHED, PublicationStatus.PUBLISHING, PublicationStatus.UNKNOWN)
TO_COME = (
    PublicationStatus.DRAFT,
    PublicationStatus.SCHEDULED,
    PublicationStatus.MISSED,
    PublicationStatus.FAILED,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One item whose price or currency is another now."""

    item: Product | Service
    old: Price

    @property
    def new(self) -> Price:
        return self.item.price, self.item.currency


def changed(changes: Sequence[Change]) -> None:
    """Flag the posts that show these items; call it in the transaction that stores them.

    All items are of one kind. A fixed number of queries, however many there are.
    """
    changes = [change for change in changes if change.old != change.new]
    if not changes:
        return
    by_item = {change.item.pk: change for change in changes}
    kind = changes[0].item.kind
    open_flags = _open_flags(kind, by_item)
    _move(open_flags, kind, by_item)
    known = {(flag.post_id, _item_id(flag, kind)) for flag in open_flags}
    fresh = [
        _flag(kind, post_id, by_item[item_id])
        for post_id, item_id in _unsent(type(changes[0].item), by_item)
        if (post_id, item_id) not in known
    ]
    PriceFlag.objects.bulk_create(fresh)
    for flag in fresh:
        transaction.on_commit(partial(notices.price_changed, flag), robust=True)
    for change in changes:
        transaction.on_commit(partial(_tell, change, kind), robust=True)


def _item_id(flag: PriceFlag, kind: str) -> int:
    return int(getattr(flag, f"{kind}_id"))


def _open_flags(kind: str, by_item: dict[int, Change]) -> list[PriceFlag]:
    rows = PriceFlag.objects.filter(settled_at__isnull=True, **{f"{kind}__in": list(by_item)})
    return list(rows.select_related("post"))


def _move(flags: list[PriceFlag], kind: str, by_item: dict[int, Change]) -> None:
    """A second change moves the new price; back at the old price there is nothing to look at."""
    now = timezone.now()
    for flag in flags:
        change = by_item[_item_id(flag, kind)]
        flag.new_price, flag.currency = change.new
        if change.new == (flag.old_price, flag.old_currency):
            flag.settled_at = now
            transaction.on_commit(partial(notices.price_settled, flag), robust=True)
    PriceFlag.objects.bulk_update(flags, ["new_price", "currency", "settled_at"], batch_size=200)


def _flag(kind: str, post_id: int, change: Change) -> PriceFlag:
    return PriceFlag(
        post_id=post_id,
        old_price=change.old[0],
        old_currency=change.old[1],
        new_price=change.new[0],
        currency=change.new[1],
        **{f"{kind}_id": change.item.pk},
    )


def _unsent(model: type[Product] | type[Service], by_item: dict[int, Any]) -> list[tuple[int, int]]:
    """(post, item) of the posts about these items that are not out everywhere."""
    publications = Publication.objects.filter(post=OuterRef("post"))
    through = model.posts.through
    item = f"{model.kind}_id"
    rows = through.objects.filter(
        ~Exists(publications.filter(status__in=OUT))
        | Exists(publications.filter(status__in=TO_COME)),
        post__in=Post.objects.filter(is_archived=False),
        **{f"{item}__in": list(by_item)},
    )
    return list(rows.order_by("pk").values_list("post_id", item))


def _tell(change: Change, kind: str) -> None:
    signals.price_changed.send_robust(
        sender=type(change.item),
        kind=kind,
        item_id=change.item.pk,
        old=change.old,
        new=change.new,
    )


def open_flags(item: Product | Service) -> Any:
    """Posts of an item that wait for a person to look."""
    return PriceFlag.objects.filter(settled_at__isnull=True).filter(
        Q(product=item) if isinstance(item, Product) else Q(service=item)
    )

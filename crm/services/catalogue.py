"""Products and services here: written by people where Odoo is not their master."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from crm.models import PriceFlag, Product, Service
from crm.services import notices, prices
from socialhub import money, policies
from socialhub.models import MediaAsset, Organisation, Post
from socialhub.services import posts
from socialhub.services.errors import Conflict, Invalid

Item = Product | Service
ItemClass = type[Product] | type[Service]
KINDS: dict[str, ItemClass] = {"product": Product, "service": Service}
# What people write of a local item; of one from Odoo only FREE.
FIELDS = ("name", "description", "price", "currency", "tax_included", "url", "image", "is_active")
FREE = ("is_active",)
CURRENCY = re.compile(r"[A-Z]{3}\Z")
SHORT = 240


# -- writing -------------------------------------------------------------------------


@transaction.atomic
def create(user: Any, model: ItemClass, *, linked: Iterable[Post] = (), **fields: Any) -> Item:
    """A local item. A price without currency is in the organisation's. Raises Invalid."""
    policies.require(user, "change_catalogue")
    row = model()
    _assign(row, user, fields)
    if row.price is not None and not row.currency:
        row.currency = Organisation.get().currency
    _clean(row)
    row.save()
    row.posts.set(_visible(user, linked))
    return row


@transaction.atomic
def change(item: Item, user: Any, *, linked: Iterable[Post] | None = None, **fields: Any) -> Item:
    """Change an item; of one that Odoo owns only whether it is active, and its posts.

    Raises Conflict "odoo_owned" for another value of what Odoo is master of.
    """
    policies.require(user, "change_catalogue")
    row = type(item).objects.select_for_update().get(pk=item.pk)
    old = (row.price, row.currency)
    if row.odoo_id is not None:
        _require_free(row, fields)
        fields = {name: value for name, value in fields.items() if name in FREE}
    _assign(row, user, fields)
    _clean(row)
    row.save()
    if linked is not None:
        _relink(row, user, linked)
    prices.changed([prices.Change(row, old)])
    return row


def deactivate(item: Item, user: Any) -> Item:
    """Not offered any more; posts and leads keep it."""
    return change(item, user, is_active=False)


def _require_free(row: Item, fields: dict[str, Any]) -> None:
    owned = [
        name for name, value in fields.items() if name not in FREE and value != getattr(row, name)
    ]
    if owned:
        message = _("Odoo is master of this. Change it there; SocialHub follows.")
        raise Conflict("odoo_owned", message, {name: [message] for name in owned})


def _assign(row: Item, user: Any, fields: dict[str, Any]) -> None:
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {sorted(unknown)}")
    if isinstance(fields.get("currency"), str):
        fields["currency"] = fields["currency"].strip().upper()
    image = fields.get("image")
    if image is not None and image.pk != row.image_id:
        _require_visible(user, image)
    for name, value in fields.items():
        setattr(row, name, value)


def _require_visible(user: Any, image: MediaAsset) -> None:
    if user is not None and not MediaAsset.objects.visible_to(user).filter(pk=image.pk).exists():
        message = _("There is no such picture.")
        raise Invalid("no_such_media", message, {"image": [message]})


def _clean(row: Item) -> None:
    if row.currency and not CURRENCY.match(row.currency):
        message = _("A currency is three letters, like EUR.")
        raise Invalid("bad_currency", message, {"currency": [message]})
    try:
        row.full_clean(validate_unique=False)
    except ValidationError as exc:
        fields = {name: list(messages) for name, messages in exc.message_dict.items()}
        first = next(iter(fields.values()))[0]
        raise Invalid("invalid", str(first), fields) from None


def _visible(user: Any, linked: Iterable[Post]) -> list[Post]:
    found = list(linked)
    if user is None:
        return found
    ids = [post.pk for post in found]
    seen = set(Post.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    if set(ids) - seen:
        message = _("There is no such post.")
        raise Invalid("no_such_post", message, {"posts": [message]})
    return found


def _relink(row: Item, user: Any, linked: Iterable[Post]) -> None:
    """Posts this user does not see stay linked."""
    wanted = _visible(user, linked)
    if user is None:
        row.posts.set(wanted)
        return
    hidden = row.posts.exclude(pk__in=Post.objects.visible_to(user).values("pk"))
    row.posts.set([*wanted, *hidden])


# -- posts about them ------------------------------------------------------------------


@transaction.atomic
def write_post(item: Item, user: Any) -> Post:
    """A draft about an item: name, first lines, price, link and picture, ready to be edited."""
    policies.require(user, "view_catalogue")
    if not item.is_offered:
        raise Conflict("not_offered", _("This is not offered at the moment."))
    language = Organisation.get().language
    with translation.override(language):
        text = _text(item)
    post = posts.create(
        user,
        text=text,
        link=item.url or None,
        language=language,
        content_type=item.kind,
        media=[item.image] if item.image else [],
    )
    item.posts.add(post)
    return post


def _text(item: Item) -> str:
    parts = [item.name, short(item.description), price_text(item)]
    return "\n\n".join(part for part in parts if part)


def short(text: str, most: int = SHORT) -> str:
    """The first paragraph, cut between two words."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    if len(first) <= most:
        return first
    cut = first[: most - 1]
    return f"{cut.rsplit(' ', 1)[0].rstrip(' ,;:.-')}…"


def price_text(item: Item) -> str:
    """The price in the active language, "" when none is told."""
    if item.price is None:
        return ""
    language = translation.get_language() or Organisation.get().language
    # A post is searched and copied: with an ordinary space.
    told = money.price(item.price, item.currency, language).replace("\xa0", " ")
    if item.tax_included is None:
        return told
    if item.tax_included:
        return _("%(price)s, tax included") % {"price": told}
    return _("%(price)s plus tax") % {"price": told}


def insertable(user: Any, search: str = "", limit: int = 20) -> list[dict[str, Any]]:
    """Offered items for the composer's "insert product"; the provider of "catalogue".

    Text, link and picture as `write_post` would take them.
    """
    if not policies.can(user, "view_catalogue"):
        return []
    found: list[Item] = []
    for model in KINDS.values():
        rows = matching(model.objects.filter(is_active=True, is_available=True), search)
        found += rows.select_related("image").order_by("name", "pk")[:limit]
    found.sort(key=lambda item: (item.name.casefold(), item.pk))
    return [_offer(item) for item in found[:limit]]


def matching(rows: Any, search: str) -> Any:
    """Rows whose name or description has every word."""
    for word in search.split()[:8]:
        rows = rows.filter(Q(name__icontains=word) | Q(description__icontains=word))
    return rows


def _offer(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "id": item.pk,
        "name": item.name,
        "description": short(item.description),
        "price": price_text(item),
        "text": _text(item),
        "link": item.url,
        "media": item.image_id,
    }


def show_in(post: Post, item: Item, user: Any) -> None:
    """Note that a post is about an item: a changed price then flags it."""
    policies.require(user, "write_post")
    policies.require_accounts(user, post)
    item.posts.add(post)


# -- changed prices --------------------------------------------------------------------


def settle_flag(flag: PriceFlag, user: Any) -> PriceFlag:
    """A person has looked at a post whose price changed."""
    policies.require(user, "change_catalogue")
    policies.require_accounts(user, flag.post)
    now = timezone.now()
    changed = PriceFlag.objects.filter(pk=flag.pk, settled_at__isnull=True).update(
        settled_at=now, settled_by=user
    )
    if changed:
        notices.price_settled(flag)
    flag.refresh_from_db()
    return flag


def shared_pictures(user: Any) -> list[Any]:
    """Media ids of products and services, for everybody who may see these."""
    if not policies.can(user, "view_catalogue"):
        return []
    return [
        model.objects.filter(image__isnull=False).values("image") for model in (Product, Service)
    ]


def name_of_picture(asset: MediaAsset, user: Any) -> str:
    """The product or service that a picture shows, "" for none this person may see."""
    if user is not None and not policies.can(user, "view_catalogue"):
        return ""
    for model in KINDS.values():
        item = model.objects.filter(image__sha256=asset.sha256).order_by("pk").first()
        if item is not None:
            return item.name
    return ""

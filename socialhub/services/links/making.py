"""Making short links and the web-statistics parameters (UTM) they add."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from socialhub import policies, registries
from socialhub.models import Campaign, LinkDestination, Post, Publication, TrackedLink
from socialhub.services.errors import Conflict, Invalid

# Without letters and digits that people mix up when they read a link aloud.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
SLUG_LENGTH = 7


def create(
    user: Any,
    *,
    url: str = "",
    destinations: Sequence[Mapping[str, Any]] = (),
    slug: str = "",
    post: Post | None = None,
    publication: Publication | None = None,
    campaign: Campaign | None = None,
    **utm: str,
) -> TrackedLink:
    """A short link to `url`, or to several `destinations` ({"key", "url", "weight"}).

    `utm`: utm_source, utm_medium, utm_campaign, utm_content. Raises Forbidden, Invalid, and
    Conflict for a slug that is taken.
    """
    policies.require(user, "manage_links")
    link = TrackedLink(post=post, publication=publication, campaign=campaign, **utm)
    rows = [dict(row) for row in destinations] or [{"url": url}]
    _require_some_weight(rows)
    if not slug:
        return _with_random_slug(link, rows)
    link.slug = slug
    if TrackedLink.objects.filter(slug=slug).exists():
        message = _("This short name is taken.")
        raise Conflict("slug_taken", message, {"slug": [message]})
    return _write(link, rows)


def _require_some_weight(rows: list[dict[str, Any]]) -> None:
    if not any(row.get("weight", 1) for row in rows):
        message = _("At least one destination needs a weight above 0.")
        raise Invalid("no_weight", message, {"destinations": [message]})


def _with_random_slug(link: TrackedLink, rows: list[dict[str, Any]]) -> TrackedLink:
    link.slug = free_slug()
    return _write(link, rows)


def free_slug() -> str:
    """A random short name that no link has."""
    while True:
        slug = "".join(secrets.choice(ALPHABET) for _n in range(SLUG_LENGTH))
        if not TrackedLink.objects.filter(slug=slug).exists():
            return slug


@transaction.atomic
def _write(link: TrackedLink, rows: list[dict[str, Any]]) -> TrackedLink:
    try:
        link.full_clean(validate_unique=False, validate_constraints=False)
        link.save()
        for row in rows:
            destination = LinkDestination(link=link, **row)
            destination.full_clean()
            destination.save()
    except ValidationError as exc:
        fields = exc.message_dict
        first = next(iter(fields.values()))[0]
        raise Invalid("invalid_link", first, fields) from None
    return link


def for_publication(publication: Publication) -> TrackedLink:
    """The one short link of a publication whose post has a link; the same at every call."""
    found = TrackedLink.objects.filter(publication=publication).first()
    if found is not None:
        return found
    post = publication.post
    campaign = post.campaign
    link = TrackedLink(
        post=post,
        publication=publication,
        campaign=campaign,
        utm_source=publication.account.platform,
        utm_medium="social",
        utm_campaign=utm_campaign(campaign),
        utm_content=post.variant_key or f"post-{post.pk}",
    )
    try:
        return _with_random_slug(link, [{"url": post.link}])
    except IntegrityError:
        # Another worker made it at the same moment.
        return TrackedLink.objects.get(publication=publication)


def require_changeable(link: TrackedLink) -> None:
    """Raise Conflict while an app above counts on where this link leads."""
    why = registries.link_lock(link)
    if why:
        raise Conflict("link_in_use", why, {"destinations": [why]})


def utm_campaign(campaign: Campaign | None) -> str:
    """What web statistics call a campaign; "" without one."""
    return (campaign.utm_campaign or slugify(campaign.name))[:100] if campaign else ""


def url_of(link: TrackedLink) -> str:
    """The address people click."""
    return f"{settings.PUBLIC_URL}/l/{link.slug}"


def sample_url() -> str:
    """An address as long as a real one, for counting before the link exists."""
    return f"{settings.PUBLIC_URL}/l/{ALPHABET[0] * SLUG_LENGTH}"

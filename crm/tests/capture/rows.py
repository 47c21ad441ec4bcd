"""Rows for the tests of capturing."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from crm.services import capture
from crm.services.told import LeadData
from socialhub.models import Interaction, LinkDestination, TrackedLink
from socialhub.tests.factories import InteractionFactory


def comment(handle: str = "ana", text: str = "How much is it?", **fields) -> Interaction:
    """A comment under a publication of its own, on one account where none is given."""
    return InteractionFactory(author_handle=handle, text=text, **fields)


def again(first: Interaction, text: str = "And in blue?", **fields) -> Interaction:
    """A later comment of the same person, on the same publication."""
    later = {
        "publication": first.publication,
        "created_at": first.created_at + timedelta(minutes=5),
        **fields,
    }
    return InteractionFactory(author_handle=first.author_handle, text=text, **later)


def told(**fields) -> LeadData:
    return LeadData(**{"contact_name": "Ana", **fields})


def api_origin(**fields) -> capture.Origin:
    return capture.Origin("api", **fields)


def tracked_link(**fields) -> TrackedLink:
    """A short link with one destination, "default"; `keys` for several."""
    keys = fields.pop("keys", ("default",))
    url = fields.pop("url", "https://shop.example/")
    link = TrackedLink.objects.create(**{"slug": f"s{timezone.now().timestamp()}"[-9:], **fields})
    for key in keys:
        LinkDestination.objects.create(link=link, key=key, url=url)
    return link

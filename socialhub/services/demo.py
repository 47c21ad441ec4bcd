"""Demo data: is there any, and take it away."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from socialhub import policies
from socialhub.models import (
    IN_FLIGHT,
    Account,
    Campaign,
    Interaction,
    MediaAsset,
    PayloadGeneration,
    Post,
    PostMedia,
    Publication,
    PublicationAttempt,
    TrackedLink,
)
from socialhub.services.errors import Conflict
from socialhub.signals import demo_removing


def present() -> bool:
    """Is there demo data?"""
    return (
        Post.objects.filter(is_demo=True).exists() or Account.objects.filter(is_demo=True).exists()
    )


@transaction.atomic
def remove_demo(user: Any) -> dict[str, int]:
    """Delete every demo row and what hangs on it; people stay. Returns how many rows per kind.

    Posts of real work stay too, without their publications on demo accounts. Raises Forbidden,
    and Conflict while a demo publication is being sent.
    """
    policies.require(user, "change_organisation")
    accounts = _ids(Account.objects.filter(is_demo=True))
    comments = _ids(Interaction.objects.filter(account__in=accounts))
    posts = _ids(
        Post.objects.filter(Q(is_demo=True) | Q(is_reply=True, publications__answers__in=comments))
    )
    publications = Publication.objects.filter(Q(post__in=posts) | Q(account__in=accounts))
    publications = publications.select_for_update()
    if any(status in IN_FLIGHT for status in publications.values_list("status", flat=True)):
        raise Conflict(
            "in_flight", _("A demo post is being published right now. Try again in a minute.")
        )
    ids = _ids(publications)
    demo_removing.send(Publication, publication_ids=ids, account_ids=accounts)
    counts = {"publications": _remove_publications(ids)}
    counts["comments"] = len(comments)
    Interaction.objects.filter(pk__in=comments).delete()
    counts["links"] = _drop(TrackedLink.objects.filter(post__in=posts))
    PostMedia.objects.filter(post__in=posts).delete()
    counts["posts"] = _drop(Post.objects.filter(pk__in=posts))
    counts["media"] = _remove_media()
    counts["campaigns"] = _drop(Campaign.objects.filter(is_demo=True))
    counts["accounts"] = _drop(Account.objects.filter(pk__in=accounts))
    Post.history.filter(id__in=posts).delete()
    Account.history.filter(id__in=accounts).delete()
    return counts


def _ids(rows: Any) -> list[int]:
    return list(dict.fromkeys(rows.values_list("pk", flat=True)))


def _drop(rows: Any) -> int:
    ids = _ids(rows)
    rows.model.objects.filter(pk__in=ids).delete()
    return len(ids)


def _remove_publications(ids: list[int]) -> int:
    PublicationAttempt.objects.filter(publication__in=ids).delete()
    PayloadGeneration.objects.filter(publication__in=ids).delete()
    rows = Publication.objects.filter(pk__in=ids)
    # Parents and answered comments are protected as long as something points to them.
    rows.update(parent=None, root=None, answers=None)
    Publication.objects.filter(parent__in=ids).update(parent=None, root=None)
    rows.delete()
    Publication.history.filter(id__in=ids).delete()
    return len(ids)


def _remove_media() -> int:
    """Demo pictures that no other post uses; their files go when the transaction holds."""
    found = list(MediaAsset.objects.filter(is_demo=True, posts__isnull=True))
    for asset in found:
        transaction.on_commit(partial(asset.file.storage.delete, str(asset.file.name)), robust=True)
    MediaAsset.objects.filter(pk__in=[asset.pk for asset in found]).delete()
    return len(found)

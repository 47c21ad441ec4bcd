"""The counters every table of numbers has."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from socialhub.platforms.base import COUNTERS


class Counters(models.Model):
    """The columns of both tables; NULL = the network does not report it."""

    likes = models.IntegerField(_("likes"), null=True)
    comments = models.IntegerField(_("comments"), null=True)
    shares = models.IntegerField(_("shares"), null=True)
    impressions = models.BigIntegerField(_("impressions"), null=True)
    reach = models.BigIntegerField(_("reach"), null=True)
    saves = models.IntegerField(_("saves"), null=True)
    clicks = models.IntegerField(_("clicks"), null=True)
    replies = models.IntegerField(_("replies"), null=True)
    quotes = models.IntegerField(_("quotes"), null=True)

    class Meta:
        abstract = True

    def counters(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name in COUNTERS}

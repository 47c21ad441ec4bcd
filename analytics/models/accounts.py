"""Numbers of accounts: their audience, and what reading them costs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.models import Account


class AccountMetrics(models.Model):
    """Audience of an account on one local day, the last reading of it; NULL = not reported."""

    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.CASCADE, related_name="metrics"
    )
    local_day = models.DateField(_("day"))
    followers = models.BigIntegerField(_("followers"), null=True)
    following = models.BigIntegerField(_("following"), null=True)
    posts = models.BigIntegerField(_("posts on the network"), null=True)
    collected_at = models.DateTimeField(_("measured"))

    class Meta:
        verbose_name = _("audience of an account")
        verbose_name_plural = _("audiences of accounts")
        ordering = ["-local_day", "account_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "local_day"], name="account_metrics_one_per_day"
            ),
            models.CheckConstraint(
                condition=Q(followers__gte=0, following__gte=0, posts__gte=0),
                name="account_metrics_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.account_id} on {self.local_day}"


class CollectionDay(models.Model):
    """What reading the numbers of an account took on one UTC day.

    Networks that charge count a post once per UTC day, however often it is read.
    """

    pk = models.CompositePrimaryKey("utc_day", "account_id")
    utc_day = models.DateField()
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    # Requests, and those without a usable answer.
    calls = models.IntegerField(default=0)
    failed_calls = models.IntegerField(default=0)
    # Publications answered about, how many of them for the first time that day, and changed.
    readings = models.IntegerField(default=0)
    first_readings = models.IntegerField(default=0)
    changes = models.IntegerField(default=0)
    # Last time the network answered.
    measured_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"account {self.account_id} on {self.utc_day}"

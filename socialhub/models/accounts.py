"""Connected profiles, their secrets, who may use them, and their posting slots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from socialhub.crypto import EncryptedJSONField
from socialhub.models.organisation import validate_timezone

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

    from socialhub.platforms.base import Capabilities, PlatformAdapter


class AccountStatus(models.TextChoices):
    CONNECTING = "connecting", _("connecting")
    ACTIVE = "active", pgettext_lazy("account", "active")
    NEEDS_RECONNECT = "needs_reconnect", _("needs reconnecting")
    DISABLED = "disabled", _("disconnected")


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, user: User | AnonymousUser) -> AccountQuerySet:
        """Accounts this user may see: all, unless grants narrow them down."""
        granted = granted_account_ids(user)
        return self if granted is None else self.filter(pk__in=granted)

    def usable(self) -> AccountQuerySet:
        return self.filter(status=AccountStatus.ACTIVE)


def granted_account_ids(user: Any) -> list[int] | None:
    """Ids of the accounts `user` is limited to; None = every account; [] = none.

    One query per user object: the answer is kept on it.
    """
    if not user.is_authenticated or not user.is_active:
        return []
    if not hasattr(user, "_granted_account_ids"):
        ids = list(AccountGrant.objects.filter(user=user).values_list("account_id", flat=True))
        user._granted_account_ids = ids
    free = user.is_superuser or not user._granted_account_ids
    return None if free else user._granted_account_ids


def owned_by(user: Any, field: str) -> Q:
    """Rows whose `field` names this person; for a stranger none, not those of nobody."""
    return Q(pk__in=[]) if user.pk is None else Q(**{field: user.pk})


class Account(models.Model):
    """One connected profile on one network. Its secrets are in Credential."""

    platform = models.CharField(_("network"), max_length=20)
    server_url = models.URLField(_("server"), max_length=300, blank=True, default="")
    remote_id = models.CharField(max_length=300, blank=True, default="", editable=False)
    handle = models.CharField(_("handle"), max_length=300)
    display_name = models.CharField(_("name"), max_length=300, blank=True, default="")
    # "" = the organisation's zone.
    audience_timezone = models.CharField(
        _("audience time zone"),
        max_length=64,
        blank=True,
        default="",
        validators=[validate_timezone],
    )
    status = models.CharField(
        _("status"),
        max_length=20,
        choices=AccountStatus.choices,
        default=AccountStatus.CONNECTING,
        editable=False,
    )
    status_note = models.TextField(blank=True, default="", editable=False)
    # Facts the server told us (limits), and what a person overrode ("replies": false).
    options = models.JSONField(default=dict, blank=True, editable=False)
    overrides = models.JSONField(_("capability overrides"), default=dict, blank=True)
    # Set by the network's rate limit; nothing is sent before.
    paused_until = models.DateTimeField(null=True, blank=True, editable=False)
    interactions_cursor = models.CharField(max_length=300, blank=True, default="", editable=False)
    next_interactions_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Where a network charges: no more than this in a UTC month; NULL = no cap.
    monthly_cap_usd = models.DecimalField(
        _("monthly cap in USD"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["interactions_cursor", "next_interactions_at", "paused_until"]
    )

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["platform", "handle", "pk"]
        permissions = [("connect_account", "Can connect and disconnect accounts")]
        constraints = [
            models.UniqueConstraint(
                fields=["platform", "server_url", "remote_id"],
                condition=~Q(remote_id=""),
                name="account_remote_id_unique",
                violation_error_message=_("This profile is already connected."),
            ),
            models.CheckConstraint(
                condition=~Q(status=AccountStatus.ACTIVE) | ~Q(remote_id=""),
                name="account_active_has_remote_id",
            ),
            models.CheckConstraint(
                condition=Q(monthly_cap_usd__isnull=True) | Q(monthly_cap_usd__gte=0),
                name="account_cap_not_negative",
            ),
        ]
        indexes = [
            # collect_interactions: accounts due for a look.
            models.Index(
                fields=["next_interactions_at"],
                condition=Q(status="active"),
                name="account_interactions_due",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.handle} ({self.network_name})"

    @property
    def adapter(self) -> PlatformAdapter:
        from socialhub.platforms.registry import get_adapter

        return get_adapter(self.platform)

    @property
    def network_name(self) -> str:
        from socialhub.platforms.registry import ADAPTERS

        adapter = ADAPTERS.get(self.platform)
        return adapter.name if adapter else self.platform

    @property
    def merged_options(self) -> dict[str, Any]:
        """Server facts, with a person's overrides on top."""
        return {**self.options, **self.overrides}

    @property
    def capabilities(self) -> Capabilities:
        return self.adapter.capabilities_for(self.merged_options)


class Credential(models.Model):
    """The secrets of one account, apart from it so that no list can load or print one."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, related_name="credential")
    secrets = EncryptedJSONField()
    # Compare-and-swap: two refreshes at once must not lose a rotated token.
    version = models.PositiveIntegerField(default=1)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    # When the access ends unless it is renewed; NULL = not known, or never.
    expires_at = models.DateTimeField(null=True, blank=True)
    # When only a person can renew it, by reconnecting; NULL = not known, or never.
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # refresh_logins: what ends soon.
            models.Index(fields=["expires_at"], name="credential_expires"),
            models.Index(fields=["ends_at"], name="credential_ends"),
        ]

    def __str__(self) -> str:
        return f"credential of account {self.account_id}"


class AccountGrant(models.Model):
    """Limits a user to some accounts; a user without a grant may use all."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="account_grants"
    )
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="grants")

    class Meta:
        verbose_name = _("account grant")
        verbose_name_plural = _("account grants")
        constraints = [
            models.UniqueConstraint(fields=["user", "account"], name="account_grant_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user} → {self.account}"


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class PostingSlot(models.Model):
    """A weekly local time at which "add to queue" publishes on an account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="slots")
    weekday = models.PositiveSmallIntegerField(
        _("weekday"), choices=Weekday.choices, validators=[MaxValueValidator(6)]
    )
    time = models.TimeField(_("local time"))

    class Meta:
        verbose_name = _("posting slot")
        verbose_name_plural = _("posting slots")
        ordering = ["weekday", "time"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "weekday", "time"], name="posting_slot_unique"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="posting_slot_weekday"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.time:%H:%M}"


class OAuthRequest(models.Model):
    """A person was sent to a network to grant access, and has not come back or not chosen yet.

    `secrets` holds what the flow needs; after `granted_at` the profiles to choose from.
    """

    state = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    platform = models.CharField(max_length=20)
    server_url = models.URLField(max_length=300, blank=True, default="")
    secrets = EncryptedJSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)
    # Access was granted to several profiles; the person chooses.
    granted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.platform} for {self.user}"


class NetworkApp(models.Model):
    """The developer app registered at one network, whose name people read when they consent."""

    platform = models.CharField(_("network"), max_length=20, unique=True)
    client_id = models.CharField(_("client id"), max_length=300)
    # {"client_secret": …}; {} for a public client.
    secrets = EncryptedJSONField()
    # What the operator chose: {"api_version": "202611"}.
    options = models.JSONField(default=dict, blank=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        verbose_name = _("developer app")
        verbose_name_plural = _("developer apps")

    def __str__(self) -> str:
        return f"app at {self.platform}"


class AccountSpending(models.Model):
    """What a network charged one account in one UTC month, by its price list."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="spending")
    # The first day of the month.
    month = models.DateField()
    writing_usd = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    reading_usd = models.DecimalField(max_digits=12, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("spending of an account")
        verbose_name_plural = _("spending of accounts")
        constraints = [
            models.UniqueConstraint(fields=["account", "month"], name="account_spending_unique"),
            models.CheckConstraint(
                condition=Q(writing_usd__gte=0, reading_usd__gte=0),
                name="account_spending_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"spending of account {self.account_id} in {self.month:%Y-%m}"


class LiveReading(models.Model):
    """Counters of one post that the network sent by itself and cannot be asked for."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="live_readings")
    remote_id = models.CharField(max_length=300)
    # Those of platforms.base.COUNTERS that were sent.
    counters = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "remote_id"], name="live_reading_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.remote_id} of account {self.account_id}"

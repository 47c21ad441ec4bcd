"""The organisation and its people."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from socialhub.crypto import EncryptedJSONField


def validate_timezone(value: str) -> None:
    """Only zones of the IANA database."""
    if value not in available_timezones():
        raise ValidationError(
            _("%(zone)s is not a time zone. Use a name like Europe/Madrid."),
            params={"zone": value},
        )


class Organisation(models.Model):
    """The one organisation this installation works for; its zone rules days and slots."""

    name = models.CharField(_("name"), max_length=200, default="", blank=True)
    timezone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_timezone]
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    brand_colours = models.JSONField(_("brand colours"), default=list, blank=True)
    brand_voice = models.TextField(_("brand voice"), default="", blank=True)
    forbidden_words = models.TextField(
        _("forbidden words"),
        default="",
        blank=True,
        help_text=_("One word or phrase per line. Texts written by AI must not contain them."),
    )
    logo = models.ForeignKey(
        "socialhub.MediaAsset",
        verbose_name=_("logo"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    missed_after_minutes = models.PositiveIntegerField(
        _("ask a person when late by (minutes)"),
        default=120,
        help_text=_("A publication later than this is not sent by itself any more."),
    )
    self_approval = models.BooleanField(
        _("authors may approve their own posts"),
        default=False,
        help_text=_("Off: somebody who did not edit the post has to approve it."),
    )
    ai_monthly_tokens = models.PositiveBigIntegerField(
        _("AI: most tokens a month"),
        null=True,
        blank=True,
        help_text=_("Empty: no limit. When it is reached, texts are made without AI."),
    )
    ai_monthly_cost = models.DecimalField(
        _("AI: most cost a month"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Needs the prices AI_PRICE_INPUT and AI_PRICE_OUTPUT in the settings."),
    )
    setup_done = models.BooleanField(_("first steps finished"), default=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="organisation_is_one_row"),
        ]

    def __str__(self) -> str:
        return self.name or "SocialHub"

    @classmethod
    def get(cls) -> Organisation:
        """The row; made with defaults on the first call."""
        return cls.objects.get_or_create(pk=1)[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Preferences(models.Model):
    """What one person chose for themselves."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences"
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, blank=True, default=""
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_to = models.TimeField(_("quiet until"), null=True, blank=True)
    mail_notices = models.BooleanField(_("notices by e-mail"), default=True)

    class Meta:
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return str(self.user)


class NotificationChannel(models.Model):
    """A place where one person wants notices besides the app and e-mail (Telegram, Slack…)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notification_channels"
    )
    name = models.CharField(_("name"), max_length=80)
    # An Apprise URL; it holds tokens, so it is stored encrypted and never shown again.
    url = EncryptedJSONField(_("address"))
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("notification channel")
        verbose_name_plural = _("notification channels")

    def __str__(self) -> str:
        return self.name

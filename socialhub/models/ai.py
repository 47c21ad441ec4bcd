"""What was asked of an AI endpoint: one row per request, for the cap and the bill."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class AIPurpose(models.TextChoices):
    THREAD = "thread", _("series")
    POST = "post", _("post")
    REWRITE = "rewrite", _("rewrite")
    SHORTEN = "shorten", _("shorten")
    VARY = "vary", _("vary")
    ALT_TEXT = "alt_text", _("alt text")
    CHECK = "check", _("test of the connection")


class AIOutcome(models.TextChoices):
    ACCEPTED = "accepted", _("used")
    # An answer came and was not as asked for; the next request says why.
    INVALID = "invalid", _("not as asked for")
    REFUSED = "refused", _("refused by the model")
    FAILED = "failed", _("failed")


class AICall(models.Model):
    """One request. Written before it leaves with the tokens it may take at most.

    `input_tokens` and `output_tokens` are what the endpoint reported, NULL when it did not.
    Without a report `reserved_tokens` counts against the monthly limit. No text is kept.
    """

    at = models.DateTimeField(_("time"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    purpose = models.CharField(_("purpose"), max_length=12, choices=AIPurpose.choices)
    model = models.CharField(_("model"), max_length=120)
    # Name and version of the prompt file: "series@1".
    prompt = models.CharField(_("prompt"), max_length=60)
    # 1 for the first request, 2 for the one that asks again.
    attempt = models.PositiveSmallIntegerField(_("attempt"), default=1)
    reserved_tokens = models.PositiveIntegerField()
    input_tokens = models.PositiveIntegerField(_("input tokens"), null=True, blank=True)
    output_tokens = models.PositiveIntegerField(_("output tokens"), null=True, blank=True)
    # In AI_PRICE_CURRENCY; NULL without prices.
    cost = models.DecimalField(_("cost"), max_digits=12, decimal_places=6, null=True, blank=True)
    # "" while the request is under way.
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=AIOutcome.choices, blank=True, default=""
    )
    # Why it was not used: a stable code, never text of the model.
    reason = models.CharField(_("reason"), max_length=60, blank=True, default="")
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True, blank=True)

    class Meta:
        verbose_name = _("AI call")
        verbose_name_plural = _("AI calls")
        ordering = ["-at", "-pk"]
        permissions = [("use_ai", "Can have texts written")]
        indexes = [models.Index(fields=["at"], name="ai_call_month")]

    def __str__(self) -> str:
        return f"{self.prompt} {self.at:%Y-%m-%d %H:%M}"

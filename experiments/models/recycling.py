"""Recycling: which posts may go out again, when, and how they did."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from socialhub.models import Account, Campaign, Post, Publication
from socialhub.models.accounts import granted_account_ids, owned_by

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

# A day of any year, "12-24"; no 29 February, which most years do not have.
DAY_OF_YEAR = re.compile(
    r"^(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$|^(0[13-9]|1[0-2])-(29|30)$|^(0[13578]|1[02])-31$"
)
_day_of_year = RegexValidator(DAY_OF_YEAR, _("Write month and day as 12-24."))


class Season(models.Model):
    """A part of every year; it may go over new year. Both empty: the whole year."""

    season_from = models.CharField(
        _("season from"), max_length=5, blank=True, default="", validators=[_day_of_year]
    )
    season_to = models.CharField(
        _("season to"), max_length=5, blank=True, default="", validators=[_day_of_year]
    )

    class Meta:
        abstract = True


class Wording(models.TextChoices):
    SAME = "same", _("the same text")
    VARIED = "varied", _("a variation of the text")


class RecyclingRuleQuerySet(models.QuerySet["RecyclingRule"]):
    def visible_to(self, user: User | AnonymousUser) -> RecyclingRuleQuerySet:
        granted = granted_account_ids(user)
        if granted is None:
            return self
        on_them = RecyclingRule.accounts.through.objects.filter(account_id__in=granted)
        return self.filter(owned_by(user, "author") | Q(pk__in=on_them.values("recyclingrule_id")))


class RecyclingRule(Season):
    """Which posts of which accounts go out again, and how often."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    is_active = models.BooleanField(_("active"), default=True)
    accounts: models.ManyToManyField[Account, models.Model] = models.ManyToManyField(
        Account, verbose_name=_("accounts"), related_name="recycling_rules"
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("only posts of this campaign"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="recycling_rules",
    )
    language = models.CharField(
        _("only posts in this language"),
        max_length=8,
        choices=settings.LANGUAGES,
        blank=True,
        default="",
    )
    only_evergreen = models.BooleanField(
        _("only evergreen posts"),
        default=True,
        help_text=_("Otherwise also posts of which nobody said whether they stay true."),
    )
    min_age_days = models.PositiveSmallIntegerField(
        _("youngest age in days"),
        default=30,
        validators=[MinValueValidator(30), MaxValueValidator(3650)],
    )
    cooldown_days = models.PositiveSmallIntegerField(
        _("days between two showings"),
        default=60,
        validators=[MinValueValidator(21), MaxValueValidator(3650)],
        help_text=_("Each repetition makes it half as long again."),
    )
    cap = models.PositiveSmallIntegerField(
        _("most repetitions of a post"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
    )
    share = models.FloatField(
        _("share of the posting slots"),
        default=0.3,
        validators=[MinValueValidator(0.01), MaxValueValidator(0.3)],
        help_text=_("0.3: at most three of ten slots of a week."),
    )
    wording = models.CharField(
        _("wording"), max_length=8, choices=Wording.choices, default=Wording.SAME
    )
    needs_approval = models.BooleanField(_("each needs approval"), default=True)
    expires_on = models.DateField(_("until"), null=True, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = RecyclingRuleQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["updated_at"])

    class Meta:
        verbose_name = _("recycling rule")
        verbose_name_plural = _("recycling rules")
        ordering = ["name"]
        permissions = [("recycle_post", "Can recycle, skip and exclude posts")]
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gt=0, share__lte=0.3), name="recycling_rule_share"
            ),
            models.CheckConstraint(
                condition=Q(cooldown_days__gte=21, min_age_days__gte=30, cap__gte=1),
                name="recycling_rule_limits",
            ),
            models.CheckConstraint(
                condition=Q(season_from="", season_to="") | (~Q(season_from="") & ~Q(season_to="")),
                name="recycling_rule_season_complete",
                violation_error_message=_("A season needs its first and its last day."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostRecycling(Season):
    """What people said about recycling one post."""

    post = models.OneToOneField(
        Post, on_delete=models.CASCADE, related_name="recycling", verbose_name=_("post")
    )
    # None: nobody said; the text may look as if it were bound to a date.
    time_sensitive = models.BooleanField(_("bound to a date"), null=True, blank=True)
    expires_on = models.DateField(_("until"), null=True, blank=True)
    skip_until = models.DateTimeField(_("skipped until"), null=True, blank=True)
    never_at = models.DateTimeField(_("never again since"), null=True, blank=True)
    never_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        verbose_name = _("recycling of a post")
        verbose_name_plural = _("recycling of posts")
        constraints = [
            models.CheckConstraint(
                condition=Q(season_from="", season_to="") | (~Q(season_from="") & ~Q(season_to="")),
                name="post_recycling_season_complete",
                violation_error_message=_("A season needs its first and its last day."),
            ),
        ]

    def __str__(self) -> str:
        return f"recycling of post {self.post_id}"


class RecycledPostQuerySet(models.QuerySet["RecycledPost"]):
    def visible_to(self, user: User | AnonymousUser) -> RecycledPostQuerySet:
        granted = granted_account_ids(user)
        return self if granted is None else self.filter(account_id__in=granted)


class RecycledPost(models.Model):
    """One repetition: which publication, its new post, why it was chosen, and how it did.

    `score` is 0 to 100 within the account; quality × freshness × fatigue × decay × season ×
    diversity is what it ranks by. `predicted` and `actual` are engagements per impression
    (engagements where no impressions are reported); `actual_rank` is 0 to 100 among the account's
    posts.
    """

    rule = models.ForeignKey(
        RecyclingRule,
        verbose_name=_("rule"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="recycled",
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    # The first showing, whichever repetition this is.
    original = models.ForeignKey(
        Publication,
        verbose_name=_("original"),
        on_delete=models.PROTECT,
        related_name="repetitions",
    )
    number = models.PositiveSmallIntegerField(_("repetition"))
    post = models.OneToOneField(
        Post, verbose_name=_("new post"), on_delete=models.PROTECT, related_name="recycled_from"
    )
    publication = models.OneToOneField(
        Publication,
        verbose_name=_("new publication"),
        on_delete=models.PROTECT,
        related_name="repeats",
    )
    score = models.FloatField(_("score"))
    quality = models.FloatField()
    freshness = models.FloatField()
    fatigue = models.FloatField()
    decay = models.FloatField()
    season = models.FloatField()
    diversity = models.FloatField()
    predicted = models.FloatField(_("predicted"), null=True, blank=True)
    # What had been learned by then and is in the prediction; see RecyclingLearned.
    level = models.FloatField(default=0, editable=False)
    actual = models.FloatField(_("actual"), null=True, blank=True)
    actual_rank = models.FloatField(null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)
    # None: the daily job.
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RecycledPostQuerySet.as_manager()

    class Meta:
        verbose_name = _("recycled post")
        verbose_name_plural = _("recycled posts")
        ordering = ["-created_at", "-pk"]
        constraints = [
            # Two jobs at once cannot make the same repetition.
            models.UniqueConstraint(
                fields=["original", "number"], name="recycled_post_number_unique"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="recycled_post_number"),
        ]

    def __str__(self) -> str:
        return f"{self.original_id} #{self.number}"


class RecyclingLearned(models.Model):
    """What past repetitions taught; one row. The defaults are those of docs/experiments-method.md.

    The n-th repetition earns (1 + n)^-fatigue_exponent of the first showing; half-lives in days.
    """

    fatigue_exponent = models.FloatField(default=0.2)
    half_life_evergreen = models.FloatField(default=730)
    half_life_unset = models.FloatField(default=180)
    # ln of what repetitions earned against their predictions; it ranks nothing.
    level = models.FloatField(default=0)
    # Repetitions that were measured when it was last learned; 0: nothing learned yet.
    showings = models.PositiveIntegerField(default=0)
    learned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(fatigue_exponent__gte=0, fatigue_exponent__lte=3)
                & Q(half_life_evergreen__gt=0, half_life_unset__gt=0),
                name="recycling_learned_makes_sense",
            ),
        ]

    def __str__(self) -> str:
        return f"fatigue {self.fatigue_exponent}"

    @classmethod
    def get(cls) -> RecyclingLearned:
        return cls.objects.get_or_create(pk=1)[0]

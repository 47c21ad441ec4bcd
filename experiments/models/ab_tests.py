"""A/B tests: the question, the plan fixed at the start, and the decision."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from socialhub.models import Account, Campaign, Post, TrackedLink
from socialhub.models.accounts import granted_account_ids, owned_by

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class Design(models.TextChoices):
    PAIRED = "paired_slots", _("paired slots")
    SPLIT = "split", _("split audience")
    SINGLE = "single_post", _("one post each")


class SplitBy(models.TextChoices):
    LINK = "link", _("where a short link leads")
    PAGE = "page", _("what our own page shows")


class Metric(models.TextChoices):
    """What a variant should have more of; what it is counted against follows from the design."""

    ENGAGEMENTS = "engagements", _("engagements")
    CLICKS = "clicks", _("clicks")
    LEADS = "leads", _("leads")
    REVENUE = "revenue", _("revenue")


class MetricKind(models.TextChoices):
    """As experiments.statistics.counts.Kind."""

    PROPORTION = "proportion", _("share of those who saw it")
    RATE = "rate", _("number per impression")
    COUNT = "count", _("number, without impressions")
    PER_POST = "per_post", _("value per post")


class ABTestState(models.TextChoices):
    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    RUNNING = "running", _("running")
    DECIDED = "decided", _("decided")


class Outcome(models.TextChoices):
    """How a test ended; as experiments.statistics.outcome.DECIDED."""

    WINNER = "winner", _("winner")
    NO_MEANINGFUL_DIFFERENCE = "no_meaningful_difference", _("no meaningful difference")
    INCONCLUSIVE = "inconclusive", _("inconclusive")
    INVALID = "invalid", _("invalid")
    STOPPED = "stopped", _("stopped")


S = ABTestState
# Whoever starts a test fixes all this; before, it may be changed.
CHANGEABLE = (S.DRAFT, S.IN_REVIEW, S.APPROVED)


class ABTestQuerySet(models.QuerySet["ABTest"]):
    def visible_to(self, user: User | AnonymousUser) -> ABTestQuerySet:
        """Tests on a granted account, and own ones; without grants all."""
        granted = granted_account_ids(user)
        if granted is None:
            return self
        on_them = ABTest.accounts.through.objects.filter(account_id__in=granted)
        return self.filter(owned_by(user, "author") | Q(pk__in=on_them.values("abtest_id")))


class ABTest(models.Model):
    """One question, its variants, and what was found.

    Everything the decision rests on (`kind`, `confidence`, `power`, `smallest_effect`,
    `planned_size`, `paired_looks`, `starts_at`, `ends_at`) is fixed when the test starts.
    """

    question = models.CharField(
        _("question"), max_length=200, help_text=_("What you want to know, as a question.")
    )
    design = models.CharField(
        _("design"), max_length=12, choices=Design.choices, default=Design.PAIRED
    )
    split_by = models.CharField(
        _("what is split"), max_length=4, choices=SplitBy.choices, blank=True, default=""
    )
    metric = models.CharField(
        _("metric"), max_length=12, choices=Metric.choices, default=Metric.ENGAGEMENTS
    )
    # Follows from metric, design and what the networks report; fixed at the start.
    kind = models.CharField(
        _("counted as"), max_length=12, choices=MetricKind.choices, default=MetricKind.RATE
    )
    confidence = models.FloatField(
        _("confidence"),
        default=0.95,
        validators=[MinValueValidator(0.8), MaxValueValidator(0.999)],
        help_text=_("0.95: of tests without a difference at most 5 % end with a winner."),
    )
    power = models.FloatField(
        _("power"), default=0.8, validators=[MinValueValidator(0.5), MaxValueValidator(0.99)]
    )
    smallest_effect = models.FloatField(
        _("smallest effect of interest"),
        default=0.2,
        validators=[MinValueValidator(0.01), MaxValueValidator(10)],
        help_text=_("0.2: a fifth more than the control."),
    )
    # No planned end: the whole error goes to the looks.
    is_open_ended = models.BooleanField(_("without a planned end"), default=False)

    accounts: models.ManyToManyField[Account, models.Model] = models.ManyToManyField(
        Account, verbose_name=_("accounts"), related_name="ab_tests", blank=True
    )
    language = models.CharField(
        _("language"), max_length=8, choices=settings.LANGUAGES, default="en"
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="ab_tests",
    )
    # "A/B test this": the post whose text became the control.
    source_post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="ab_tests"
    )
    # Paired slots and single posts: when the first one may go out.
    first_at = models.DateTimeField(_("first post not before"), null=True, blank=True)
    washout_hours = models.PositiveSmallIntegerField(
        _("hours between two posts of a test"),
        default=48,
        validators=[MinValueValidator(24), MaxValueValidator(336)],
    )
    # Split by link: the link; split by page: the page's address /v/{slug}/.
    link = models.ForeignKey(
        TrackedLink, null=True, blank=True, on_delete=models.SET_NULL, related_name="ab_tests"
    )
    page_slug = models.SlugField(
        _("address of the page"), max_length=40, unique=True, null=True, blank=True
    )

    # -- the plan ---------------------------------------------------------------------
    # The control's rate the size was planned with; None where there was no history.
    baseline = models.FloatField(null=True, blank=True, editable=False)
    # Impressions (or visitors) per variant; engagements for a count; blocks for paired slots;
    # posts or visitors for values.
    planned_size = models.PositiveIntegerField(_("planned size"), null=True, blank=True)
    # Numbers of finished blocks at which a paired test is looked at before the last.
    paired_looks = models.JSONField(default=list, blank=True, editable=False)
    starts_at = models.DateTimeField(null=True, blank=True, editable=False)
    ends_at = models.DateTimeField(_("planned end"), null=True, blank=True)
    extended_to = models.DateTimeField(_("extended to"), null=True, blank=True, editable=False)

    # -- approval, as of a post -------------------------------------------------------
    state = models.CharField(
        _("state"), max_length=10, choices=S.choices, default=S.DRAFT, editable=False
    )
    content_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    approved_hash = models.CharField(max_length=64, blank=True, default="", editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    approved_at = models.DateTimeField(null=True, blank=True, editable=False)
    review_comment = models.TextField(blank=True, default="", editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="ab_tests",
        editable=False,
    )
    # Who changed it since it was last approved: they may not approve it.
    editors: models.ManyToManyField[User, models.Model] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    # -- the course and the decision --------------------------------------------------
    started_at = models.DateTimeField(_("started"), null=True, blank=True, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    stopped_at = models.DateTimeField(null=True, blank=True, editable=False)
    broken_at = models.DateTimeField(null=True, blank=True, editable=False)
    # As experiments.statistics.plans.Broken.
    broken_why = models.CharField(max_length=40, blank=True, default="", editable=False)
    evaluated_at = models.DateTimeField(_("last look"), null=True, blank=True, editable=False)
    outcome = models.CharField(
        _("outcome"),
        max_length=32,
        choices=Outcome.choices,
        blank=True,
        default="",
        editable=False,
    )
    # As experiments.statistics.outcome.Reason.
    reason = models.CharField(max_length=40, blank=True, default="", editable=False)
    winner = models.ForeignKey(
        "experiments.ABTestVariant",
        verbose_name=_("winner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True, editable=False)
    # The verdict with its evidence as it was decided: never written again.
    evidence = models.JSONField(default=dict, blank=True, editable=False)
    promoted_post = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    promoted_at = models.DateTimeField(null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ABTestQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["content_hash", "evidence", "evaluated_at", "updated_at"]
    )

    class Meta:
        verbose_name = _("A/B test")
        verbose_name_plural = _("A/B tests")
        ordering = ["-created_at", "-pk"]
        permissions = [("start_abtest", "Can start, stop and extend A/B tests")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__gte=0.8, confidence__lt=1)
                & Q(power__gte=0.5, power__lt=1)
                & Q(smallest_effect__gt=0),
                name="ab_test_numbers_make_sense",
                violation_error_message=_("Write 0.95 for 95 %, and effects as 0.2 for 20 %."),
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=[S.RUNNING, S.DECIDED],
                    started_at__isnull=False,
                    starts_at__isnull=False,
                    planned_size__gte=1,
                )
                | (~Q(state__in=[S.RUNNING, S.DECIDED]) & Q(started_at__isnull=True)),
                name="ab_test_started_means_planned",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[S.DRAFT, S.IN_REVIEW])
                | (~Q(approved_hash="") & Q(approved_hash=F("content_hash"))),
                name="ab_test_approved_means_this_plan",
            ),
            models.CheckConstraint(
                condition=(Q(state=S.DECIDED, decided_at__isnull=False) & ~Q(outcome=""))
                | (~Q(state=S.DECIDED) & Q(decided_at__isnull=True, outcome="")),
                name="ab_test_decided_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.WINNER, winner__isnull=False)
                | (~Q(outcome=Outcome.WINNER) & Q(winner__isnull=True)),
                name="ab_test_winner_only_when_won",
            ),
            models.CheckConstraint(
                condition=(Q(design=Design.SPLIT) & ~Q(split_by=""))
                | (~Q(design=Design.SPLIT) & Q(split_by="")),
                name="ab_test_split_says_what",
                violation_error_message=_("A split test needs to say what is split."),
            ),
            models.CheckConstraint(
                condition=Q(broken_at__isnull=True, broken_why="")
                | (Q(broken_at__isnull=False) & ~Q(broken_why="")),
                name="ab_test_broken_says_why",
            ),
            # A post is the control of one test at a time.
            models.UniqueConstraint(
                fields=["source_post"],
                condition=Q(source_post__isnull=False) & ~Q(state=S.DECIDED),
                name="ab_test_one_per_post",
            ),
            # So is a link, which cannot be split twice.
            models.UniqueConstraint(
                fields=["link"],
                condition=Q(link__isnull=False) & ~Q(state=S.DECIDED),
                name="ab_test_one_per_link",
            ),
        ]
        indexes = [
            # evaluate_tests: what is running.
            models.Index(
                fields=["started_at"], condition=Q(state="running"), name="ab_test_running"
            ),
        ]

    def __str__(self) -> str:
        return self.question

    @property
    def washout(self) -> timedelta:
        return timedelta(hours=self.washout_hours)

    @property
    def is_changeable(self) -> bool:
        return self.state in CHANGEABLE

"""Thread series: parts that go out one after the other, each as an answer to the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.validators import MaxValueValidator, URLValidator
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from socialhub.models import (
    Account,
    AccountStatus,
    Campaign,
    MediaAsset,
    Post,
    Publication,
    PublicationStatus,
)
from socialhub.models.accounts import granted_account_ids, owned_by

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User

MOST_PARTS = 25


class SeriesStatus(models.TextChoices):
    """What people decided; where the parts are is in their publications."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    CANCELLED = "cancelled", _("cancelled")


class SeriesState(models.TextChoices):
    """Where a series is, derived from its status and the publications of its parts."""

    DRAFT = "draft", _("draft")
    IN_REVIEW = "in_review", _("in review")
    APPROVED = "approved", _("approved")
    SCHEDULED = "scheduled", _("scheduled")
    PUBLISHING = "publishing", _("publishing")
    # Some parts are out, and others will not follow by themselves.
    PARTIAL = "partial", _("partly published")
    PUBLISHED = "published", _("published")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Numbering(models.TextChoices):
    NONE = "none", _("no numbers")
    SLASH = "slash", "1/5"
    BRACKETS = "brackets", "(1/5)"
    OPEN = "open", "1/"
    DOT = "dot", "1."


class Mode(models.TextChoices):
    """How the parts hang together on one account; see socialhub.models.FollowsAs."""

    CHAIN = "chain", _("replies")
    COMMENTS = "comments", _("first post and own comments")
    NUMBERED = "numbered", _("numbered posts")


class ThreadSeriesQuerySet(models.QuerySet["ThreadSeries"]):
    def visible_to(self, user: User | AnonymousUser) -> ThreadSeriesQuerySet:
        """Series on a granted account, and own ones; without grants all."""
        granted = granted_account_ids(user)
        if granted is None:
            return self
        on_them = ThreadAccount.objects.filter(account_id__in=granted).values("series_id")
        return self.filter(owned_by(user, "author") | Q(pk__in=on_them))

    def with_state(self) -> ThreadSeriesQuerySet:
        """Adds `state_now`, one of SeriesState. The only definition of it."""
        return self.annotate(state_now=_state())


def _state() -> Case:
    rows = Publication.objects.filter(post__thread_part__series=OuterRef("pk"))
    there = {status: Exists(rows.filter(status=status)) for status in PublicationStatus}
    P = PublicationStatus
    stuck = Exists(rows.filter(status__in=[P.FAILED, P.MISSED, P.UNKNOWN, P.CANCELLED])) | Exists(
        rows.filter(status=P.SCHEDULED).exclude(account__status=AccountStatus.ACTIVE)
    )
    open_rows = Exists(rows.exclude(status__in=[P.PUBLISHED, P.CANCELLED]))
    S = SeriesState
    return Case(
        When(there[P.PUBLISHED] & stuck, then=Value(S.PARTIAL)),
        When(there[P.PUBLISHED] & ~open_rows, then=Value(S.PUBLISHED)),
        # Taken back to draft after some parts went out: the rest does not follow by itself.
        When(there[P.PUBLISHED] & there[P.DRAFT], then=Value(S.PARTIAL)),
        When(there[P.PUBLISHED] | there[P.PUBLISHING], then=Value(S.PUBLISHING)),
        When(Q(status=SeriesStatus.CANCELLED), then=Value(S.CANCELLED)),
        When(Q(status=SeriesStatus.DRAFT), then=Value(S.DRAFT)),
        When(Q(status=SeriesStatus.IN_REVIEW), then=Value(S.IN_REVIEW)),
        When(there[P.UNKNOWN], then=Value(S.PUBLISHING)),
        When(there[P.FAILED] | there[P.MISSED], then=Value(S.FAILED)),
        When(there[P.SCHEDULED], then=Value(S.SCHEDULED)),
        When(there[P.CANCELLED] & ~open_rows, then=Value(S.CANCELLED)),
        default=Value(S.APPROVED),
        output_field=models.CharField(),
    )


class ThreadSeries(models.Model):
    """A series of parts for one or more accounts. It is approved, scheduled and resumed as one.

    Each part is a `Post` with a `Publication` per account; the publishing engine sends them.
    """

    title = models.CharField(_("title"), max_length=200)
    topic = models.TextField(
        _("topic"), blank=True, default="", help_text=_("What it is about; only you see it.")
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
        related_name="thread_series",
    )
    accounts: models.ManyToManyField[Account, ThreadAccount] = models.ManyToManyField(
        Account,
        verbose_name=_("accounts"),
        through="threads.ThreadAccount",
        related_name="thread_series",
        blank=True,
    )
    due_at = models.DateTimeField(_("due"), null=True, blank=True)
    numbering = models.CharField(
        _("numbers"), max_length=10, choices=Numbering.choices, default=Numbering.SLASH
    )
    numbers_first = models.BooleanField(_("numbers at the beginning"), default=False)
    closing = models.TextField(
        _("call to action"),
        blank=True,
        default="",
        help_text=_("Ends the last part: what readers should do now."),
    )
    pace_seconds = models.PositiveIntegerField(
        _("seconds between parts"), default=5, validators=[MaxValueValidator(86_400)]
    )
    # "ai", "deterministic", or "" when a person wrote it.
    made_by = models.CharField(max_length=16, blank=True, default="", editable=False)

    # -- approval, as of a post -------------------------------------------------------
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=SeriesStatus.choices,
        default=SeriesStatus.DRAFT,
        editable=False,
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
        related_name="thread_series",
        editable=False,
    )
    # Who changed it since it was last approved: they may not approve it.
    editors: models.ManyToManyField[User, models.Model] = models.ManyToManyField(
        settings.AUTH_USER_MODEL, related_name="+", blank=True, editable=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    is_archived = models.BooleanField(default=False, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ThreadSeriesQuerySet.as_manager()
    history = HistoricalRecords(excluded_fields=["content_hash", "updated_at"])

    class Meta:
        verbose_name = _("thread series")
        verbose_name_plural = _("thread series")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=SeriesStatus.APPROVED)
                | (~Q(approved_hash="") & Q(approved_hash=F("content_hash"))),
                name="thread_series_approved_means_this_content",
            ),
            models.CheckConstraint(
                condition=Q(pace_seconds__lte=86_400), name="thread_series_pace_at_most_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> str:
        """One of SeriesState; from `with_state`, else one query."""
        found = self.__dict__.get("state_now")
        if found is None:
            found = ThreadSeries.objects.with_state().values_list("state_now").get(pk=self.pk)[0]
        return str(found)

    def get_state_display(self) -> Any:
        return SeriesState(self.state).label


class ThreadAccount(models.Model):
    """An account of a series, and how the parts hang together there."""

    series = models.ForeignKey(
        ThreadSeries, on_delete=models.CASCADE, related_name="series_accounts"
    )
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(_("parts as"), max_length=10, choices=Mode.choices, default=Mode.CHAIN)

    class Meta:
        ordering = ["account_id"]
        constraints = [
            models.UniqueConstraint(fields=["series", "account"], name="thread_account_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.series_id} {self.account_id}"


class ThreadPost(models.Model):
    """One part of a series. Position 1 is the first.

    `text` is what the marketer wrote, without number and call to action. `post` carries what
    goes out and is kept in step with every change.
    """

    series = models.ForeignKey(ThreadSeries, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.TextField(_("text"), blank=True, default="")
    # {str(account id): text}
    overrides = models.JSONField(default=dict, blank=True)
    link = models.URLField(
        _("link"),
        max_length=2000,
        blank=True,
        default="",
        validators=[URLValidator(schemes=["http", "https"])],
    )
    track_link = models.BooleanField(_("shorten and count clicks"), default=False)
    media: models.ManyToManyField[MediaAsset, ThreadPostMedia] = models.ManyToManyField(
        MediaAsset, through="threads.ThreadPostMedia", related_name="+", blank=True
    )
    # A picture still to be made: {"template": id, "size": name, "data": {}, "alt_text": ""}.
    # It becomes a media file of the part, and this is empty again.
    picture = models.JSONField(default=dict, blank=True)
    post = models.OneToOneField(
        Post, null=True, blank=True, on_delete=models.PROTECT, related_name="thread_part"
    )

    class Meta:
        verbose_name = _("part of a series")
        verbose_name_plural = _("parts of a series")
        ordering = ["series_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["series", "position"], name="thread_post_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="thread_post_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.series_id}/{self.position}"


class ThreadPostMedia(models.Model):
    """A media file at its place in a part."""

    part = models.ForeignKey(ThreadPost, on_delete=models.CASCADE, related_name="part_media")
    media = models.ForeignKey(MediaAsset, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["part", "position"], name="thread_media_position"),
        ]

    def __str__(self) -> str:
        return f"{self.part_id}/{self.position}"

"""Publications and the record of every attempt to send them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from socialhub.models.accounts import Account, AccountStatus, granted_account_ids
from socialhub.models.posts import Post, PostStatus

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, User


class PublicationStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    SCHEDULED = "scheduled", _("scheduled")
    PUBLISHING = "publishing", _("publishing")
    PUBLISHED = "published", _("published")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown")
    MISSED = "missed", _("missed")
    CANCELLED = "cancelled", _("cancelled")


S = PublicationStatus
# A person may change, move or cancel these; the others are with the network.
CHANGEABLE = (S.DRAFT, S.SCHEDULED, S.MISSED, S.FAILED)
IN_FLIGHT = (S.PUBLISHING, S.UNKNOWN)
FINISHED = (S.PUBLISHED, S.CANCELLED)


class FollowsAs(models.TextChoices):
    """How a part of a series hangs on the part before; all wait until that one is out."""

    REPLY = "reply", _("reply to the part before")
    # Networks without reply chains: under the first part.
    COMMENT = "comment", _("comment under the first part")
    # Accounts that may not reply: a post of its own, numbered.
    ALONE = "alone", _("post of its own")


class PublicationQuerySet(models.QuerySet["Publication"]):
    def visible_to(self, user: User | AnonymousUser) -> PublicationQuerySet:
        granted = granted_account_ids(user)
        return self if granted is None else self.filter(account_id__in=granted)

    def due(self, at: datetime) -> PublicationQuerySet:
        """Rows that may be sent at `at`: approved as they stand, account able, parent out."""
        return self.filter(
            Q(account__paused_until__isnull=True) | Q(account__paused_until__lte=at),
            Q(parent__isnull=True) | Q(parent__status=S.PUBLISHED),
            status=S.SCHEDULED,
            not_before__lte=at,
            cancel_requested_at__isnull=True,
            post__status=PostStatus.APPROVED,
            post__approved_hash=F("post__content_hash"),
            account__status=AccountStatus.ACTIVE,
        )

    def for_list(self) -> PublicationQuerySet:
        return self.select_related("post", "account", "parent", "root", "answers")


class Publication(models.Model):
    """One post on one account: the unit we schedule, send, retry and measure."""

    post = models.ForeignKey(
        Post, verbose_name=_("post"), on_delete=models.PROTECT, related_name="publications"
    )
    account = models.ForeignKey(
        Account, verbose_name=_("account"), on_delete=models.PROTECT, related_name="publications"
    )
    text_override = models.TextField(_("text for this account"), blank=True, default="")
    # The publication this one answers (a part of a series), or the comment it answers.
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    # The first part of its series; NULL on that part itself.
    root = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="later_parts"
    )
    follows_as = models.CharField(
        max_length=8, choices=FollowsAs.choices, default=FollowsAs.REPLY, editable=False
    )
    # Seconds after the part before is out; NULL = the usual pace.
    pace_seconds = models.PositiveIntegerField(null=True, blank=True, editable=False)
    answers = models.ForeignKey(
        "socialhub.Interaction",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="publications",
    )

    status = models.CharField(
        _("status"), max_length=12, choices=S.choices, default=S.DRAFT, editable=False
    )
    # What the marketer chose, and the earliest time of the next attempt (failures push it on).
    due_at = models.DateTimeField(_("due"), null=True, blank=True, editable=False)
    not_before = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_requested_at = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    # Who is sending it. Both are set exactly while status is publishing.
    claim_token = models.UUIDField(null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True, editable=False)
    # When the doorbell last rang for it.
    rung_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Settling an unknown outcome.
    looks = models.PositiveSmallIntegerField(default=0, editable=False)
    next_look_at = models.DateTimeField(null=True, blank=True, editable=False)
    needs_person = models.BooleanField(default=False, editable=False)

    remote_id = models.CharField(max_length=500, blank=True, default="", editable=False)
    permalink = models.URLField(max_length=1000, blank=True, default="", editable=False)
    # What a reply to it needs (cid, author).
    remote_data = models.JSONField(default=dict, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)

    error_code = models.CharField(max_length=40, blank=True, default="", editable=False)
    error_detail = models.TextField(blank=True, default="", editable=False)
    # Certain refusals that are worth another try, since the last success of a person's verb.
    failures = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = PublicationQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=[
            "claim_token",
            "claimed_at",
            "rung_at",
            "looks",
            "next_look_at",
            "remote_data",
            "updated_at",
        ]
    )

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-due_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=S.PUBLISHED)
                | (~Q(remote_id="") & Q(published_at__isnull=False)),
                name="publication_published_has_remote_id",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.SCHEDULED)
                | Q(due_at__isnull=False, not_before__isnull=False),
                name="publication_scheduled_has_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=S.PUBLISHING, claim_token__isnull=False, claimed_at__isnull=False
                )
                | (~Q(status=S.PUBLISHING) & Q(claim_token__isnull=True, claimed_at__isnull=True)),
                name="publication_publishing_has_claim",
            ),
            models.CheckConstraint(
                condition=~Q(status=S.UNKNOWN)
                | Q(next_look_at__isnull=False)
                | Q(needs_person=True),
                name="publication_unknown_is_looked_after",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(answers__isnull=True),
                name="publication_answers_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(root__isnull=True) | Q(parent__isnull=False),
                name="publication_part_has_parent",
            ),
            models.UniqueConstraint(
                fields=["account", "remote_id"],
                condition=~Q(remote_id=""),
                name="publication_remote_id_unique",
            ),
            # A second publication of the same post on an account (recycling) only after the
            # first is finished.
            models.UniqueConstraint(
                fields=["post", "account"],
                condition=~Q(status__in=["published", "cancelled"]),
                name="publication_one_open_per_account",
            ),
        ]
        indexes = [
            # publish_due: what is due now.
            models.Index(
                fields=["not_before"], condition=Q(status="scheduled"), name="publication_due"
            ),
            # reap: claims whose worker may be dead.
            models.Index(
                fields=["claimed_at"], condition=Q(status="publishing"), name="publication_claimed"
            ),
            # settle: unknown outcomes to look at.
            models.Index(
                fields=["next_look_at"], condition=Q(status="unknown"), name="publication_to_settle"
            ),
            # Today: what waits for a person.
            models.Index(
                fields=["status", "due_at"],
                condition=Q(status__in=["unknown", "missed", "failed"]),
                name="publication_needs_person",
            ),
            # Calendar and lists.
            models.Index(fields=["due_at"], name="publication_by_due"),
            models.Index(fields=["account", "published_at"], name="publication_by_account"),
        ]

    def __str__(self) -> str:
        return f"{self.post} → {self.account}"

    @property
    def full_text(self) -> str:
        """The text as it goes out, before any link is shortened."""
        return self.post.text_for(self.text_override)

    @property
    def waiting_for(self) -> int | None:
        """Id of the publication that has to be out first, if that is what it waits for."""
        if self.parent is None or self.status != S.SCHEDULED:
            return None
        return None if self.parent.status == S.PUBLISHED else self.parent_id


class PayloadGeneration(models.Model):
    """What is sent, frozen. Repeating an attempt repeats the same generation.

    A new one starts only when every earlier attempt is certainly not out.
    """

    publication = models.ForeignKey(
        Publication, on_delete=models.CASCADE, related_name="generations"
    )
    number = models.PositiveSmallIntegerField()
    content_hash = models.CharField(max_length=64)
    client_key = models.UUIDField(unique=True)
    text = models.TextField()
    parent_id_sent = models.CharField(max_length=500, blank=True, default="")
    body = models.JSONField()
    frozen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["publication", "number"], name="payload_generation_number_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}/{self.number}"


class Outcome(models.TextChoices):
    ACCEPTED = "accepted", _("accepted")
    REFUSED = "refused", _("refused")
    NOT_SENT = "not_sent", _("not sent")
    UNKNOWN = "unknown", _("no answer")
    # A later look proved it was never carried out.
    NOT_OUT = "not_out", _("not out")


class PublicationAttempt(models.Model):
    """One try. Committed before the request leaves; only its outcome is filled in later."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts")
    generation = models.ForeignKey(
        PayloadGeneration, on_delete=models.PROTECT, related_name="attempts"
    )
    number = models.PositiveSmallIntegerField()
    claim_token = models.UUIDField()
    started_at = models.DateTimeField()
    # Newest own post on the network before the request left.
    newest_id_before = models.CharField(max_length=500, blank=True, default="")
    # "" while the request is under way.
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_detail = models.TextField(blank=True, default="")
    remote_id = models.CharField(max_length=500, blank=True, default="")
    permalink = models.URLField(max_length=1000, blank=True, default="")
    # This attempt made a second copy on the network.
    is_duplicate = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["publication_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "number"], name="attempt_number_unique"),
            models.UniqueConstraint(
                fields=["publication"], condition=Q(outcome=""), name="attempt_one_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}#{self.number}"


class PublicationEvent(models.Model):
    """The life of a publication in words: every verb, claim, attempt and look. Append-only."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    code = models.CharField(max_length=40)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    attempt = models.ForeignKey(
        PublicationAttempt, null=True, blank=True, on_delete=models.CASCADE, related_name="events"
    )
    detail = models.TextField(blank=True, default="")

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["publication", "at"], name="publication_event_life")]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.code}"

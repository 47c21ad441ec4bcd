"""The inbox: what others wrote, one conversation, one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from socialhub import policies
from socialhub.models import (
    CHANGEABLE,
    IN_FLIGHT,
    Account,
    AccountStatus,
    Interaction,
    Publication,
)

STATES = ("waiting", "answered", "archived")
PER_PAGE = 40
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which comments the list shows."""

    state: str = "waiting"
    mine: bool = False
    account: int | None = None
    page: int = 1

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> Filters:
        """From an address; nonsense means the default."""
        state = asked.get("state", "")
        return cls(
            state if state in STATES else "waiting",
            asked.get("mine", "") == "1",
            _number(asked.get("account", "")),
            _number(asked.get("page", "")) or 1,
        )

    def query(self, **changes: Any) -> dict[str, Any]:
        """The same as parameters of an address, without the empty ones."""
        asked = {
            "state": self.state,
            "mine": 1 if self.mine else None,
            "account": self.account,
            **changes,
        }
        return {name: value for name, value in asked.items() if value}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


@dataclass(slots=True)
class Listing:
    """A page of comments, oldest first while they wait, newest first otherwise."""

    rows: list[Interaction]
    has_more: bool
    counts: dict[str, int]


def listing(user: Any, filters: Filters) -> Listing:
    """The left column. A constant number of queries."""
    visible = Interaction.objects.visible_to(user)
    if filters.account is not None:
        visible = visible.filter(account=filters.account)
    if filters.mine:
        visible = visible.filter(assignee=user)
    counts = visible.aggregate(
        waiting=Count("pk", filter=_state("waiting")),
        answered=Count("pk", filter=_state("answered")),
        archived=Count("pk", filter=_state("archived")),
    )
    order = ("created_at", "pk") if filters.state == "waiting" else ("-created_at", "-pk")
    rows = visible.filter(_state(filters.state)).for_list().order_by(*order)
    rows = rows.prefetch_related(_answers())
    start = (filters.page - 1) * PER_PAGE
    found = list(rows[start : start + PER_PAGE + 1])
    return Listing(found[:PER_PAGE], len(found) > PER_PAGE, counts)


def _state(state: str) -> Q:
    if state == "archived":
        return Q(archived_at__isnull=False)
    return Q(archived_at__isnull=True, answered_at__isnull=state == "waiting")


def _answers() -> Prefetch:
    rows = Publication.objects.for_list().order_by("created_at", "pk")
    return Prefetch("publications", queryset=rows, to_attr="our_answers")


@dataclass(slots=True)
class Conversation:
    """Our post on top, then everything said under it, oldest first."""

    interaction: Interaction
    ours: Publication | None
    said: list[Interaction]
    earlier: int
    on_its_way: bool
    answering: Any


def conversation(interaction: Interaction) -> Conversation:
    """The middle and right column for one comment. A constant number of queries."""
    rows = Interaction.objects.filter(account=interaction.account_id)
    if interaction.publication_id:
        rows = rows.filter(publication=interaction.publication_id)
    elif interaction.root_remote_id:
        rows = rows.filter(root_remote_id=interaction.root_remote_id)
    else:
        rows = rows.filter(pk=interaction.pk)
    said = list(
        rows.select_related("assignee").prefetch_related(_answers()).order_by("created_at", "pk")
    )
    chosen = next((row for row in said if row.pk == interaction.pk), interaction)
    ours = None
    if interaction.publication_id:
        ours = (
            Publication.objects.for_list()
            .prefetch_related("post__post_media__media")
            .filter(pk=interaction.publication_id)
            .first()
        )
    return Conversation(
        interaction=interaction,
        ours=ours,
        said=said,
        earlier=_earlier(interaction),
        on_its_way=_on_its_way(getattr(chosen, "our_answers", [])),
        answering=answering(interaction, timezone.now()),
    )


def _earlier(interaction: Interaction) -> int:
    """How often this person wrote to this account before."""
    return Interaction.objects.filter(
        account=interaction.account_id,
        author_handle=interaction.author_handle,
        created_at__lt=interaction.created_at,
    ).count()


def _on_its_way(answers: list[Publication]) -> bool:
    return any(answer.status in (*CHANGEABLE, *IN_FLIGHT) for answer in answers)


def answering(interaction: Interaction, now: datetime) -> Any:
    """Who is answering at the moment, None for nobody."""
    until = interaction.answering_until
    return interaction.answering_by if until is not None and until > now else None


def assignees(interaction: Interaction) -> list[Any]:
    """People who may answer on this account, by name."""
    people = (
        get_user_model()
        ._default_manager.with_perm(
            policies.PERMISSIONS["answer_interaction"],
            is_active=True,
            include_superusers=True,
            backend=BACKEND,
        )
        .annotate(
            grants=Count("account_grants"),
            here=Count("account_grants", filter=Q(account_grants__account=interaction.account_id)),
        )
        .order_by("first_name", "username")
    )
    return [person for person in people if person.is_superuser or not person.grants or person.here]


def accounts(user: Any) -> QuerySet[Account]:
    """For the account filter."""
    return Account.objects.visible_to(user).exclude(status=AccountStatus.DISABLED)

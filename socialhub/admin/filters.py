"""List filters that offer only what the person may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from socialhub.models import Account
from socialhub.platforms.registry import ADAPTERS


class AccountFilter(DropdownFilter):
    """By account; `path` leads from the listed rows to the account's id."""

    title = _("account")
    parameter_name = "account"
    path = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        accounts = Account.objects.visible_to(request.user)
        return [(str(account.pk), str(account)) for account in accounts]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        if not value.isdecimal():
            return queryset.none()
        return queryset.filter(**{self.path: int(value)}).distinct()


class PostAccountFilter(AccountFilter):
    path = "publications__account"


class PlatformFilter(DropdownFilter):
    title = _("network")
    parameter_name = "platform"
    path = "platform"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(slug, str(adapter.name)) for slug, adapter in ADAPTERS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{self.path: value}) if value else queryset


class PublicationPlatformFilter(PlatformFilter):
    path = "account__platform"


class AnsweredFilter(DropdownFilter):
    """Where an interaction stands: waiting, answered, archived."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("waiting")),
            ("answered", _("answered")),
            ("archived", _("archived")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {
            "waiting": Q(answered_at__isnull=True, archived_at__isnull=True),
            "answered": Q(answered_at__isnull=False),
            "archived": Q(archived_at__isnull=False),
        }.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(wanted)


class ArchivedFilter(DropdownFilter):
    """Archived rows are out of the list until asked for."""

    title = _("archive")
    parameter_name = "archived"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("archived")), ("all", _("everything"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(is_archived=self.value() == "yes")

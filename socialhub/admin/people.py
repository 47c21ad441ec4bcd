"""People, their roles and account grants; sign-in attempts."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from socialhub.admin.base import DeskAdmin
from socialhub.models import AccountGrant

User = get_user_model()
for model in (User, Group, AccessAttempt, AccessLog, AccessFailureLog):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class GrantInline(TabularInline):
    """No grant: every account. With grants: only those."""

    model = AccountGrant
    extra = 0
    verbose_name_plural = gettext_lazy("limited to these accounts (none: all accounts)")


@admin.register(User)
class UserAdmin(DeskAdmin, BaseUserAdmin):
    """Everybody here works at the desk; what they may do is their role."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    inlines = [GrantInline]
    list_display = ["username", "full_name", "email", "roles", "is_active", "last_login"]
    list_filter = [("groups", RelatedDropdownFilter), ("is_active", BooleanRadioFilter)]
    filter_horizontal: list[str] = []
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("Person"), {"fields": [("first_name", "last_name"), "email"]}),
        (
            gettext_lazy("Role"),
            {"fields": ["groups", ("is_active", "is_staff", "is_superuser")]},
        ),
    ]
    add_fieldsets = [
        (None, {"fields": ["username", "email", "groups", "password1", "password2"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        return [GrantInline] if obj else []

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [] if request.user.is_superuser else ["is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Else an administrator could take over the superuser's account.
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True
        super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("name"), ordering="last_name")
    def full_name(self, user: Any) -> str:
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("role"))
    def roles(self, user: Any) -> str:
        names = [group.name for group in user.groups.all()]
        return ", ".join([_("superuser"), *names] if user.is_superuser else names) or "–"


@admin.register(Group)
class GroupAdmin(DeskAdmin, BaseGroupAdmin):
    """Roles. What they may do comes from the code; only a superuser departs from it."""

    list_display = ["name"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_superuser)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(DeskAdmin):
    """Failed sign-ins; deleting one lets the person try again at once."""

    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    search_fields = ["username", "ip_address"]
    fields = ["username", "ip_address", "user_agent", "failures_since_start", "attempt_time"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

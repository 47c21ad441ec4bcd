"""Accounts: connected, examined, disconnected; never deleted. Posting slots."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from socialhub import badges, policies
from socialhub.admin.base import DeskAdmin, may, run_verb
from socialhub.admin.filters import AccountFilter, PlatformFilter
from socialhub.admin.forms import AccountForm
from socialhub.admin.history import HistoryAdmin
from socialhub.models import Account, AccountStatus, PostingSlot
from socialhub.models.accounts import granted_account_ids
from socialhub.services import accounts
from socialhub.views import choosing, connecting, network_apps, standing


class SlotInline(TabularInline):
    model = PostingSlot
    extra = 0
    hide_title = True
    fields = ["weekday", "time"]


@admin.register(Account)
class AccountAdmin(HistoryAdmin):
    """The add page connects; nothing typed into a form can change what a network said."""

    list_display = ["profile", "display_name", "state", "server", "audience_timezone", "since"]
    list_filter = [PlatformFilter, ("status", ChoicesDropdownFilter)]
    search_fields = ["handle", "display_name", "server_url"]
    inlines = [SlotInline]
    actions = ["examine_selected", "disconnect_selected"]
    form = AccountForm
    change_form_outer_before_template = "admin/socialhub/account/standing.html"

    def get_fields(self, request: HttpRequest, obj: Account | None = None) -> list[Any]:
        charges = obj is not None and obj.capabilities.prices is not None
        chains = obj is None or obj.adapter.can_chain
        switches = ("replies", "threads") if chains else ("replies",)
        return ["audience_timezone", switches] + ["monthly_cap_usd"] * charges

    has_connect_permission = may("connect_account")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.can(request.user, "connect_account")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Publications and numbers hang on it: it is disconnected instead.
        return False

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("account"), ordering="handle")
    def profile(self, account: Account) -> SafeString:
        return badges.network(account)

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, account: Account) -> SafeString:
        return badges.status(account)

    @admin.display(description=gettext_lazy("server"), ordering="server_url")
    def server(self, account: Account) -> str:
        return account.server_url.removeprefix("https://") or "–"

    @admin.display(description=gettext_lazy("connected"), ordering="created_at")
    def since(self, account: Account) -> SafeString:
        return badges.ago(account.created_at)

    # -- actions ------------------------------------------------------------------
    @admin.action(description=gettext_lazy("Examine"), permissions=["connect"])
    def examine_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        done = _("%(count)d examinations started; each account's page shows what was found")
        usable = queryset.exclude(status=AccountStatus.DISABLED)
        run_verb(self, request, usable, lambda a: accounts.doctor(a, request.user), done)

    @admin.action(description=gettext_lazy("Disconnect"), permissions=["connect"])
    def disconnect_selected(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        done = _("%(count)d disconnected")
        run_verb(self, request, queryset, lambda a: accounts.disconnect(a, request.user), done)

    # -- pages --------------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        own = [
            ("connect/<slug:slug>/", connecting.network, "socialhub_account_connect"),
            ("connect/<slug:slug>/app/", network_apps.save, "socialhub_account_app"),
            ("choose/<str:state>/", choosing.choose, "socialhub_account_choose"),
            ("jobs/<uuid:job_id>/", connecting.progress, "socialhub_account_job"),
            ("<int:pk>/examine/", standing.examine, "socialhub_account_examine"),
            ("<int:pk>/disconnect/", standing.disconnect, "socialhub_account_disconnect"),
        ]
        wrap = self.admin_site.admin_view
        return [
            path(route, wrap(view), {"model_admin": self}, name) for route, view, name in own
        ] + super().get_urls()

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return connecting.chooser(request, self)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        account = self.get_object(request, object_id)
        extra = standing.head(request, account) if account else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **extra})


@admin.register(PostingSlot)
class PostingSlotAdmin(DeskAdmin):
    """The weekly times of every account in one list."""

    list_display = ["when", "profile"]
    list_filter = [AccountFilter, ("weekday", ChoicesDropdownFilter)]
    list_select_related = ["account"]
    fields = ["account", "weekday", "time"]

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        granted = granted_account_ids(request.user)
        return rows if granted is None else rows.filter(account_id__in=granted)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "account":
            kwargs["queryset"] = Account.objects.visible_to(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=gettext_lazy("local time"), ordering="weekday")
    def when(self, slot: PostingSlot) -> SafeString:
        return format_html("{} {}", slot.get_weekday_display(), slot.time.strftime("%H:%M"))

    @admin.display(description=gettext_lazy("account"), ordering="account__handle")
    def profile(self, slot: PostingSlot) -> SafeString:
        return badges.network(slot.account)

"""Notices, who got them, and the channels they go to."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminPasswordWidget

from socialhub import badges
from socialhub.admin.base import DeskAdmin, ReadOnlyAdmin
from socialhub.models import Notice, NoticeDelivery, NotificationChannel, Post
from socialhub.models.accounts import granted_account_ids
from socialhub.services import notices


class DeliveryInline(TabularInline):
    model = NoticeDelivery
    extra = 0
    can_delete = False
    fields = readonly_fields = ["user", "channel", "state", "attempts", "sent_at", "error"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ["kind", "about", "state", "made", "acknowledged_by"]
    list_filter = [("kind", ChoicesDropdownFilter)]
    list_select_related = [
        "post",
        "account",
        "publication__post",
        "publication__account",
        "acknowledged_by",
    ]
    search_fields = ["incident", "post__text", "account__handle"]
    inlines = [DeliveryInline]
    actions = ["acknowledge_selected"]
    fields = [
        "kind",
        ("post", "publication", "account"),
        ("created_at", "resolved_at", "escalated_at"),
        ("acknowledged_at", "acknowledged_by"),
    ]

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        granted = granted_account_ids(request.user)
        if granted is None:
            return rows
        seen = Q(account_id__in=granted) | Q(publication__account_id__in=granted)
        return rows.filter(seen | Q(post__in=Post.objects.visible_to(request.user)))

    @admin.display(description=gettext_lazy("about"))
    def about(self, notice: Notice) -> str:
        return str(notice.publication or notice.post or notice.account or "–")

    @admin.display(description=gettext_lazy("state"))
    def state(self, notice: Notice) -> SafeString:
        if notice.resolved_at:
            return badges.badge("ok", _("over"))
        if notice.acknowledged_at:
            return badges.badge("info", _("somebody is on it"))
        if notice.escalated_at:
            return badges.badge("warning", _("passed on to administrators"))
        return badges.badge("warning", _("open"))

    @admin.display(description=gettext_lazy("when"), ordering="created_at")
    def made(self, notice: Notice) -> SafeString:
        return badges.ago(notice.created_at)

    @admin.action(description=gettext_lazy("I take care of it"), permissions=["view"])
    def acknowledge_selected(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        count = sum(notices.acknowledge(notice, request.user) for notice in queryset)
        self.message_user(request, _("%(count)d acknowledged") % {"count": count})


class ChannelForm(forms.ModelForm):
    """The address holds tokens: it can be replaced, never read."""

    address = forms.CharField(
        label=gettext_lazy("address"),
        required=False,
        widget=UnfoldAdminPasswordWidget,
        help_text=gettext_lazy(
            "An Apprise address, for instance tgram://TOKEN/CHAT or slack://A/B/C. "
            "It is stored encrypted and not shown again; leave it empty to keep the stored one."
        ),
    )

    class Meta:
        model = NotificationChannel
        fields = ["user", "name", "is_active"]

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"]).strip()
        if not address and self.instance.pk is None:
            raise forms.ValidationError(_("Enter the address of the channel."))
        if address and "://" not in address:
            raise forms.ValidationError(_("This is no channel address that can be used."))
        return address

    def save(self, commit: bool = True) -> NotificationChannel:
        if self.cleaned_data["address"]:
            self.instance.url = self.cleaned_data["address"]
        return super().save(commit)


@admin.register(NotificationChannel)
class NotificationChannelAdmin(DeskAdmin):
    form = ChannelForm
    list_display = ["name", "user", "is_active"]
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    fields = ["user", "name", "address", "is_active"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The encrypted address is not even read.
        return super().get_queryset(request).defer("url")

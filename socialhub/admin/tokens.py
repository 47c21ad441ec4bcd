"""API tokens: shown once when made, revoked by deleting; a digest is never shown."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from socialhub import badges
from socialhub.admin.base import DeskAdmin
from socialhub.models import ApiToken

# Knox stores this much of a token in clear, to find its digest; here it names the row.
KEY = "token_key"


class TokenForm(forms.ModelForm):
    days = forms.IntegerField(
        label=gettext_lazy("days until it expires"),
        min_value=1,
        max_value=3650,
        required=False,
        initial=365,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Empty: it does not expire."),
    )

    class Meta:
        model = ApiToken
        fields = ["user", "name", "can_write"]


@admin.register(ApiToken)
class ApiTokenAdmin(DeskAdmin):
    form = TokenForm
    list_display = ["label", "user", "writes", "state", "used", "made", "revoke_button"]
    list_display_links = None
    list_select_related = ["user"]
    search_fields = ["name", "user__username"]
    ordering = ["-created"]
    actions = None
    fields = ["user", "name", "can_write", "days"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows if request.user.is_superuser else rows.filter(user__is_superuser=False)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        # Its primary key is the digest, which must not stand in an address.
        return None

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        people = get_user_model().objects.filter(is_active=True)
        # A token is as strong as its person: nobody makes one stronger than themselves.
        kwargs["queryset"] = (
            people if request.user.is_superuser else people.filter(is_superuser=False)
        )
        kwargs["initial"] = request.user.pk
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        revoke = path(
            "revoke/<str:key>/",
            self.admin_site.admin_view(self.revoke),
            name="socialhub_apitoken_revoke",
        )
        return [revoke, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        made, token = ApiToken.objects.create(
            data["user"],
            expiry=timedelta(days=data["days"]) if data["days"] else None,
            name=data["name"],
            can_write=data["can_write"],
        )
        obj.digest, obj.token_key, obj.created = made.digest, made.token_key, made.created
        request.new_token = token  # type: ignore[attr-defined]

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """Not logged: the log would name the digest. The row itself says who and when."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        # Shown in the answer itself: a message would leave it in a cookie or the session.
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new token"),
            "opts": self.opts,
            "token": request.new_token,  # type: ignore[attr-defined]
            "row": obj,
        }
        return TemplateResponse(request, "admin/socialhub/apitoken/made.html", context)

    def revoke(self, request: HttpRequest, key: str) -> HttpResponse:
        """Delete a token; whoever uses it is refused from now on."""
        if request.method != "POST":
            raise Http404
        if not request.user.has_perm("socialhub.delete_apitoken"):
            raise PermissionDenied
        count = self.get_queryset(request).filter(**{KEY: key}).delete()[0]
        if not count:
            raise Http404
        self.message_user(request, _("The token is revoked."))
        return redirect("admin:socialhub_apitoken_changelist")

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("name"), ordering="name")
    def label(self, token: ApiToken) -> str:
        return token.name or f"{token.token_key[:6]}…"

    @admin.display(description=gettext_lazy("may change things"), boolean=True)
    def writes(self, token: ApiToken) -> bool:
        return token.can_write

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> SafeString:
        if token.expiry and token.expiry <= timezone.now():
            return badges.badge("cancelled", _("expired"))
        return badges.badge("active", _("valid"))

    @admin.display(description=gettext_lazy("last used"), ordering="last_used_at")
    def used(self, token: ApiToken) -> SafeString:
        return badges.ago(token.last_used_at)

    @admin.display(description=gettext_lazy("made"), ordering="created")
    def made(self, token: ApiToken) -> SafeString:
        return badges.ago(token.created)

    @admin.display(description="")
    def revoke_button(self, token: ApiToken) -> SafeString:
        url = reverse("admin:socialhub_apitoken_revoke", args=[token.token_key])
        return format_html(
            '<button type="submit" class="sh-button sh-button--danger" formaction="{}">{}</button>',
            url,
            _("Revoke"),
        )

"""Short links with their destinations and clicks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter
from unfold.views import ChangeList

from socialhub import badges, registries
from socialhub.admin.base import DeskAdmin
from socialhub.models import LinkDestination, Post, TrackedLink
from socialhub.models.accounts import granted_account_ids
from socialhub.services import links


class DestinationFormSet(BaseInlineFormSet):
    """At least one destination, and at least one that can be reached."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        if not any(row.get("weight") for row in kept):
            raise forms.ValidationError(_("At least one destination needs a weight above 0."))


class DestinationInline(TabularInline):
    model = LinkDestination
    formset = DestinationFormSet
    extra = 0
    min_num = 1
    fields = ["url", "key", "weight"]

    # A destination belongs to its link: who may change one may change the other.
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("socialhub.add_trackedlink") and not _lock(obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("socialhub.change_trackedlink") and not _lock(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("socialhub.change_trackedlink") and not _lock(obj)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("socialhub.view_trackedlink")


def _lock(link: Any) -> str:
    """Why this link must lead where it does; "" when it may be changed."""
    return registries.link_lock(link) if isinstance(link, TrackedLink) else ""


class LinkForm(forms.ModelForm):
    """Without a name the link gets a random one, as everywhere else."""

    class Meta:
        model = TrackedLink
        fields = ["slug"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text = _("Empty: SocialHub makes one.")

    def clean_slug(self) -> str:
        return str(self.cleaned_data["slug"]) or links.free_slug()


class CountedList(ChangeList):
    """Fetches the clicks of the whole page at once."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        found = links.clicks([link.pk for link in self.result_list])
        for link in self.result_list:
            link.click_count = found.get(link.pk, 0)


@admin.register(TrackedLink)
class TrackedLinkAdmin(DeskAdmin):
    form = LinkForm
    list_display = ["address", "leads_to", "clicks", "campaign", "is_active", "created"]
    list_filter = [("campaign", RelatedDropdownFilter), ("is_active", BooleanRadioFilter)]
    list_select_related = ["campaign"]
    search_fields = ["slug", "destinations__url", "utm_campaign"]
    inlines = [DestinationInline]
    fields = [
        "slug",
        "campaign",
        ("utm_source", "utm_medium"),
        ("utm_campaign", "utm_content"),
        "is_active",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("destinations")

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        granted = granted_account_ids(request.user)
        if granted is None:
            return rows
        posts = Post.objects.visible_to(request.user).values("pk")
        free = Q(post__isnull=True, publication__isnull=True)
        return rows.filter(free | Q(post__in=posts) | Q(publication__account_id__in=granted))

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return CountedList

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # A link that is out in the world keeps its name.
        fixed = ["is_active"] if _lock(obj) else []
        return ["slug", *fixed] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not _lock(obj)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        why = _lock(kwargs.get("obj"))
        if why and request.method == "GET":
            messages.info(request, why)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"utm_medium": "social", **super().get_changeform_initial_data(request)}

    @admin.display(description=gettext_lazy("short link"), ordering="slug")
    def address(self, link: TrackedLink) -> str:
        return f"/l/{link.slug}"

    @admin.display(description=gettext_lazy("leads to"))
    def leads_to(self, link: TrackedLink) -> SafeString:
        urls = [destination.url for destination in link.destinations.all()]
        more = f" (+{len(urls) - 1})" if len(urls) > 1 else ""
        return format_html(
            '<span class="sh-clamp sh-excerpt">{}{}</span>', urls[0] if urls else "–", more
        )

    @admin.display(description=gettext_lazy("clicks"))
    def clicks(self, link: Any) -> SafeString:
        return badges.number(link.click_count)

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def created(self, link: TrackedLink) -> SafeString:
        return badges.ago(link.created_at)

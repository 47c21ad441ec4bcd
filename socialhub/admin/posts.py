"""Posts (their page is the composer), campaigns and media."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from socialhub import badges
from socialhub.admin.base import DeskAdmin, ExportAdmin, may, run_verb
from socialhub.admin.exports import PostExport
from socialhub.admin.filters import ArchivedFilter, PostAccountFilter
from socialhub.admin.history import HistoryAdmin
from socialhub.admin.marks import MarkedMixin
from socialhub.models import Campaign, MediaAsset, Post, Publication, PublicationStatus
from socialhub.services import posts
from socialhub.views import composer, writing


@admin.register(Post)
class PostAdmin(MarkedMixin, ExportAdmin, HistoryAdmin):
    """The list of posts; add and change are the composer."""

    resource_classes = [PostExport]
    list_display = ["excerpt", "state", "on", "campaign", "planned"]
    list_filter = [
        ("status", ChoicesDropdownFilter),
        PostAccountFilter,
        ("campaign", RelatedDropdownFilter),
        ("author", RelatedDropdownFilter),
        ("language", ChoicesDropdownFilter),
        ("content_type", ChoicesDropdownFilter),
        ArchivedFilter,
    ]
    list_filter_sheet = True
    search_fields = ["text", "link", "campaign__name"]
    actions = ["submit_selected", "approve_selected", "queue_selected", "archive_selected"]
    # The shell's own "New post" stands on every page.
    show_add_link = False
    list_before_template = "socialhub/imports/posts_before.html"

    has_submit_permission = may("submit_post")
    has_approve_permission = may("approve_post")
    has_schedule_permission = may("schedule_post")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(is_reply=False).for_list()

    def publications_of(self, row: Post) -> Iterable[Publication]:
        return row.publications.all()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A draft is deleted in the composer; what has a history is archived.
        return False

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("post"), ordering="text")
    def excerpt(self, post: Post) -> SafeString:
        text = " ".join(post.text.split()) or _("(without text)")
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', text[:200])

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def state(self, post: Post) -> SafeString:
        return badges.status(post)

    @admin.display(description=gettext_lazy("goes out on"))
    def on(self, post: Post) -> SafeString:
        return format_html_join(
            "", '<div class="sh-on">{} {} {}</div>', _lines(post)
        ) or SafeString("–")

    @admin.display(description=gettext_lazy("planned for"), ordering="planned_at")
    def planned(self, post: Post) -> SafeString:
        own = [p.due_at for p in post.publications.all() if p.due_at]
        return badges.ago(min(own, default=post.planned_at))

    # -- actions ------------------------------------------------------------------
    @admin.action(description=gettext_lazy("Submit for approval"), permissions=["submit"])
    def submit_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        done = _("%(count)d submitted")
        run_verb(self, request, queryset, lambda p: posts.submit(p, request.user), done)

    @admin.action(description=gettext_lazy("Approve"), permissions=["approve"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        done = _("%(count)d approved")
        run_verb(self, request, queryset, lambda p: posts.approve(p, request.user), done)

    @admin.action(description=gettext_lazy("Add to queue"), permissions=["schedule"])
    def queue_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        done = _("%(count)d added to the queue")
        run_verb(self, request, queryset, lambda p: posts.queue(p, request.user), done)

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Post]) -> None:
        done = _("%(count)d archived")
        run_verb(self, request, queryset, lambda p: posts.archive(p, request.user), done)

    # -- the composer -------------------------------------------------------------
    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("live/", wrap(composer.live), {"model_admin": self}, "socialhub_post_live"),
            path("media/", wrap(composer.upload), {"model_admin": self}, "socialhub_post_upload"),
            path(
                "picture/", wrap(composer.picture), {"model_admin": self}, "socialhub_post_picture"
            ),
            path("writing/", wrap(writing.start), {"model_admin": self}, "socialhub_post_writing"),
            path(
                "writing/<uuid:job_id>/",
                wrap(writing.follow),
                {"model_admin": self},
                "socialhub_post_proposal",
            ),
        ]
        return own + super().get_urls()

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return composer.page(request, self, object_id)


def _lines(post: Post) -> list[tuple[SafeString, str, str]]:
    lines = []
    for publication in post.publications.all():
        # The list's query has it; reading it from the row would ask again for each one.
        publication.post = post
        url = reverse("admin:socialhub_publication_change", args=[publication.pk])
        link = format_html('<a href="{}">{}</a>', url, badges.network(publication.account))
        # A draft's state is the post's, which stands beside it.
        waits = publication.status == PublicationStatus.DRAFT
        marks = badges.marks(getattr(publication, "marks", ()))
        lines.append((link, "" if waits else badges.status(publication), marks))
    return lines


@admin.register(Campaign)
class CampaignAdmin(DeskAdmin):
    list_display = ["name", "starts_on", "ends_on", "budget", "post_count", "utm_campaign"]
    list_filter = [ArchivedFilter]
    search_fields = ["name", "description", "utm_campaign"]
    prepopulated_fields = {"utm_campaign": ["name"]}
    actions = ["archive_selected"]
    fields = [
        "name",
        "description",
        ("starts_on", "ends_on"),
        "budget",
        "utm_campaign",
        "is_archived",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(n_posts=Count("posts"))

    @admin.display(description=gettext_lazy("posts"), ordering="n_posts")
    def post_count(self, campaign: Any) -> SafeString:
        return badges.number(campaign.n_posts)

    @admin.action(description=gettext_lazy("Archive"), permissions=["change"])
    def archive_selected(self, request: HttpRequest, queryset: QuerySet[Campaign]) -> None:
        count = queryset.order_by().update(is_archived=True)
        self.message_user(request, _("%(count)d archived") % {"count": count})


@admin.register(MediaAsset)
class MediaAdmin(DeskAdmin):
    list_display = ["picture", "name", "alt", "size_text", "used", "uploaded_by", "created_at"]
    list_display_links = ["picture", "name"]
    list_select_related = ["uploaded_by"]
    search_fields = ["name", "alt_text"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(n_posts=Count("posts", distinct=True))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["large", "name", "alt_text", "used", "uploaded_by"] if obj else ["file", "alt_text"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None:
            return []
        # A post's alt text is part of what was approved, so it is changed in the composer.
        in_use = ["alt_text"] if obj.n_posts else []
        return ["large", "used", "uploaded_by", *in_use]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        unused = obj is None or not obj.posts.exists()
        return unused and super().has_delete_permission(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        if change:
            return super().save_form(request, form, change)
        return form.asset

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        from socialhub.admin.forms import upload_form

        if obj is None:
            kwargs["form"] = upload_form(request.user)
        return super().get_form(request, obj, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, asset: MediaAsset) -> SafeString:
        return _image(asset, 160, "sh-thumb")

    @admin.display(description=gettext_lazy("picture"))
    def large(self, asset: MediaAsset) -> SafeString:
        return _image(asset, 640, "sh-picture")

    @admin.display(description=gettext_lazy("alt text"))
    def alt(self, asset: MediaAsset) -> SafeString:
        if asset.alt_text:
            return format_html('<span class="sh-clamp sh-excerpt">{}</span>', asset.alt_text)
        return badges.badge("warning", _("missing"))

    @admin.display(description=gettext_lazy("size"), ordering="size")
    def size_text(self, asset: MediaAsset) -> str:
        return f"{asset.width} × {asset.height}"

    @admin.display(description=gettext_lazy("posts"), ordering="n_posts")
    def used(self, asset: Any) -> SafeString:
        return badges.number(asset.n_posts)


def _image(asset: MediaAsset, width: int, css: str) -> SafeString:
    url = reverse("media-file", args=[asset.pk])
    return format_html(
        '<img src="{}?w={}" alt="{}" class="{}" loading="lazy">', url, width, asset.alt_text, css
    )

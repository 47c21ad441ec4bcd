"""The list of A/B tests; the page of a test and its form are experiments.views."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from experiments import verdicts
from experiments.models import ABTest, ABTestLook, ABTestPublication
from experiments.views import looks, tests, writing
from socialhub import badges, policies
from socialhub.admin.base import PagesMixin, ReadOnlyAdmin, may
from socialhub.admin.history import HistoryAdmin
from socialhub.models import Account


class OnAccountFilter(DropdownFilter):
    """Tests that run on an account."""

    title = gettext_lazy("account")
    parameter_name = "account"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Account.objects.visible_to(request.user).filter(ab_tests__isnull=False).distinct()
        return [(str(row.pk), str(row)) for row in rows]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(accounts=int(value)) if value.isdecimal() else queryset.none()


@admin.register(ABTest)
class ABTestAdmin(PagesMixin, HistoryAdmin):
    class Media:
        css = {"all": ["experiments/experiments.css"]}

    list_display = ["title", "on", "state_shown", "now_shown", "progress_shown", "left_shown"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
        ("design", ChoicesDropdownFilter),
        ("metric", ChoicesDropdownFilter),
        OnAccountFilter,
    ]
    list_filter_sheet = True
    # The page has its own button, with words.
    show_add_link = False
    list_before_template = "experiments/test/list_before.html"
    search_fields = ["question"]
    ordering = ["-created_at", "-pk"]

    has_view_permission = may("view_experiments")
    has_add_permission = may("change_experiment")
    has_change_permission = may("change_experiment")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # A draft is deleted on its page; what ran stays to be read.
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        last = ABTestLook.objects.filter(test=OuterRef("pk")).order_by("-number")
        return (
            super()
            .get_queryset(request)
            .select_related("winner", "author")
            .prefetch_related("accounts")
            .annotate(
                last_counts=Subquery(last.values("counts")[:1]),
                last_blocks=Subquery(last.values("blocks_done")[:1]),
                last_reason=Subquery(last.values("reason")[:1]),
            )
        )

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("question"), ordering="question")
    def title(self, test: ABTest) -> SafeString:
        return format_html(
            '<span class="sh-clamp sh-excerpt">{}</span>'
            '<span class="sh-quiet ab-what">{} · {}</span>',
            test.question,
            capfirst(test.get_design_display()),
            test.get_metric_display(),
        )

    @admin.display(description=gettext_lazy("accounts"))
    def on(self, test: ABTest) -> SafeString:
        rows = ((badges.network(one),) for one in test.accounts.all())
        lines = format_html_join("", '<div class="sh-on">{}</div>', rows)
        return format_html("<div>{}</div>", lines) if lines else SafeString("–")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_shown(self, test: ABTest) -> SafeString:
        return looks.state(test)

    @admin.display(description=gettext_lazy("what it says now"))
    def now_shown(self, test: Any) -> SafeString:
        words = verdicts.briefly(test, test.last_reason or "")
        return format_html('<span class="ab-now">{}</span>', words)

    @admin.display(description=gettext_lazy("progress"))
    def progress_shown(self, test: Any) -> SafeString:
        found = verdicts.progress(test, test.last_counts, test.last_blocks)
        return looks.bar(test, found if test.started_at else None)

    @admin.display(description=gettext_lazy("time left"), ordering="ends_at")
    def left_shown(self, test: ABTest) -> str:
        return looks.left(test, timezone.now()) or "–"

    # -- pages --------------------------------------------------------------------
    own_pages = [
        ("live/", writing.live, "live"),
        ("variants/", writing.variants, "variants"),
        ("media/", writing.upload, "media"),
        ("library/", writing.library, "library"),
        ("<int:pk>/edit/", writing.edit, "edit"),
        ("<int:pk>/verdict/", tests.verdict, "verdict"),
        ("<int:pk>/needs/", tests.needs, "needs"),
        ("<int:pk>/figures/", tests.figures, "figures"),
        ("<int:pk>/do/<slug:verb>/", tests.verb, "verb"),
    ]

    def own_add(self, request: HttpRequest) -> HttpResponse:
        return writing.add(request, self)

    def own_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return tests.page(request, self, object_id)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        user: Any = request.user
        extra = {
            **(extra_context or {}),
            "ab_any": ABTest.objects.visible_to(user).exists(),
            "ab_may_write": policies.can(user, "change_experiment"),
        }
        return super().changelist_view(request, extra)


class OfVisibleTests(ReadOnlyAdmin):
    """Rows of tests this person may see."""

    has_view_permission = may("view_experiments")

    def visible(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        user: Any = request.user
        return rows.filter(test__in=ABTest.objects.visible_to(user))


@admin.register(ABTestLook)
class ABTestLookAdmin(OfVisibleTests):
    """Each evaluation as it was written."""

    list_display = ["test", "number", "at", "state", "leader", "evidence", "dispersion"]
    list_filter = ["state"]
    list_select_related = ["test", "leader"]
    search_fields = ["test__question"]
    ordering = ["-at", "-pk"]

    @admin.display(description=gettext_lazy("evidence (log10 p)"), ordering="log10_p")
    def evidence(self, look: ABTestLook) -> str:
        return looks.number(look.log10_p, 2)

    @admin.display(description="φ", ordering="phi")
    def dispersion(self, look: ABTestLook) -> str:
        return looks.number(look.phi, 2)


@admin.register(ABTestPublication)
class ABTestPublicationAdmin(OfVisibleTests):
    """What a test published, and the counts it was judged by."""

    list_display = ["test", "variant", "account", "block", "place", "due_at", "counts"]
    list_select_related = ["test", "variant", "account"]
    search_fields = ["test__question"]
    ordering = ["-due_at", "-pk"]

    @admin.display(description=gettext_lazy("order"), ordering="order")
    def place(self, showing: ABTestPublication) -> int:
        return showing.order + 1

    @admin.display(description=gettext_lazy("engagements / impressions"))
    def counts(self, showing: ABTestPublication) -> str:
        return f"{looks.number(showing.engagements)} / {looks.number(showing.impressions)}"

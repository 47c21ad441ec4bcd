"""Recycling in the admin: rules to write, repetitions to read."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RelatedDropdownFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultiple

from experiments.models import RecycledPost, RecyclingRule
from experiments.queries import recycling as queries
from experiments.services.recycling import rules
from experiments.views import recycling_looks as looks
from socialhub import badges, policies
from socialhub.admin.base import ReadOnlyAdmin, may
from socialhub.admin.history import HistoryAdmin
from socialhub.models import Account, AccountStatus, Campaign
from socialhub.models.accounts import granted_account_ids


class RuleForm(forms.ModelForm):
    """Only accounts and campaigns this person may use are offered."""

    # The admin makes a class of this one for each request and sets it.
    user: ClassVar[Any] = None

    class Meta:
        model = RecyclingRule
        fields: ClassVar[list[str]] = ["accounts", *rules.FIELDS]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "accounts" in self.fields:
            usable = Account.objects.visible_to(self.user).exclude(status=AccountStatus.DISABLED)
            self.fields["accounts"].queryset = usable  # type: ignore[attr-defined]
        if "campaign" in self.fields:
            mine = Q(recycling_rules=self.instance.pk)
            campaigns = Campaign.objects.filter(Q(is_archived=False) | mine)
            self.fields["campaign"].queryset = campaigns.distinct()  # type: ignore[attr-defined]


@admin.register(RecyclingRule)
class RecyclingRuleAdmin(HistoryAdmin):
    class Media:
        css: ClassVar = {"all": ["experiments/recycling.css"]}

    form = RuleForm
    list_display = ["name", "on", "what", "rhythm", "reading", "made", "state"]
    list_filter = ["is_active", ("campaign", RelatedDropdownFilter)]
    list_select_related = ["campaign"]
    list_before_template = "experiments/recycling/rules_before.html"
    change_form_outer_before_template = "experiments/recycling/rule_now.html"
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "is_active", "accounts"]}),
        (
            gettext_lazy("Which posts"),
            {
                "fields": [
                    ("campaign", "language"),
                    "only_evergreen",
                    "min_age_days",
                    ("season_from", "season_to"),
                    "expires_on",
                ],
                "description": gettext_lazy(
                    "Only posts that are out, measured, connected and free of a date are ever "
                    "chosen. A season is a part of every year, as 12-01 to 01-06."
                ),
            },
        ),
        (
            gettext_lazy("How often"),
            {
                "fields": [("cooldown_days", "cap"), "share"],
                "description": gettext_lazy(
                    "Repetitions take free posting slots only, at most this share of them in a "
                    "week and never two in a row. A network's own rule counts where it is "
                    "stricter."
                ),
            },
        ),
        (
            gettext_lazy("Before it goes out"),
            {
                "fields": ["wording", "needs_approval"],
                "description": gettext_lazy(
                    "A variation is made without AI and always waits for a person. The same text "
                    "may go out under the approval it had."
                ),
            },
        ),
    ]

    has_view_permission = may("view_recycling")
    has_add_permission = may("change_recycling")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return policies.can(request.user, "change_recycling") and _is_own(obj, request.user)

    has_delete_permission = has_change_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request).prefetch_related("accounts")
        return rows.annotate(n_recycled=Count("recycled", distinct=True))

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **{**kwargs, "widget": UnfoldAdminCheckboxSelectMultiple}
        )

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        return type("RuleForm", (form,), {"user": request.user})

    # -- columns ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("accounts"))
    def on(self, rule: RecyclingRule) -> SafeString:
        rows = [(badges.network(account),) for account in rule.accounts.all()]
        return format_html_join("", '<div class="sh-on">{}</div>', rows) or SafeString("–")

    @admin.display(description=gettext_lazy("posts"))
    def what(self, rule: RecyclingRule) -> str:
        return ", ".join(looks.terms(rule))

    @admin.display(description=gettext_lazy("how often"))
    def rhythm(self, rule: RecyclingRule) -> str:
        return looks.rhythm(rule)

    @admin.display(description=gettext_lazy("before it goes out"))
    def reading(self, rule: RecyclingRule) -> str:
        if rule.needs_approval:
            return _("somebody approves it")
        return str(rule.get_wording_display())

    @admin.display(description=gettext_lazy("recycled"), ordering="n_recycled")
    def made(self, rule: Any) -> SafeString:
        url = f"{reverse('admin:experiments_recycledpost_changelist')}?rule__id__exact={rule.pk}"
        return format_html(
            '<a class="sh-link" href="{}">{}</a>', url, badges.number(rule.n_recycled)
        )

    @admin.display(description=gettext_lazy("state"), ordering="is_active")
    def state(self, rule: RecyclingRule) -> SafeString:
        if not rule.is_active:
            return badges.badge("disabled", _("off"))
        if rule.expires_on and rule.expires_on < timezone.localdate():
            return badges.badge("disabled", _("over"))
        return badges.badge("ok", _("on"))

    # -- the services do it ---------------------------------------------------------
    def save_form(self, request: HttpRequest, form: Any, change: bool) -> RecyclingRule:
        given = {name: form.cleaned_data[name] for name in form.fields}
        if change:
            return rules.edit_rule(form.instance, request.user, **given)
        return rules.create_rule(request.user, **given)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service stored it."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service stored the accounts too."""

    def delete_model(self, request: HttpRequest, obj: RecyclingRule) -> None:
        rules.delete_rule(obj, request.user)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = RecyclingRule.objects.visible_to(request.user).exists()
        return super().changelist_view(request, {**(extra_context or {}), "rc_any": found})


@admin.register(RecycledPost)
class RecycledPostAdmin(ReadOnlyAdmin):
    class Media:
        css: ClassVar = {"all": ["experiments/recycling.css"]}

    list_display = ["what", "profile", "number", "state", "when", "points", "result", "chosen_by"]
    list_filter = [("rule", RelatedDropdownFilter), ("account", RelatedDropdownFilter)]
    list_select_related = [
        "account",
        "rule",
        "made_by",
        "post",
        "publication__post",
        "publication__account",
        "publication__parent",
    ]
    search_fields = ["post__text"]
    ordering = ["-created_at", "-pk"]
    fields = [
        ("shown_first", "shown_again"),
        ("number", "rule", "chosen_by"),
        "why",
        ("predicted_shown", "actual_shown"),
        "rank",
        ("created_at", "measured_at"),
    ]
    readonly_fields = [
        "shown_first",
        "shown_again",
        "chosen_by",
        "why",
        "predicted_shown",
        "actual_shown",
        "rank",
    ]

    has_view_permission = may("view_recycling")

    @admin.display(description=gettext_lazy("post"), ordering="post__text")
    def what(self, row: RecycledPost) -> SafeString:
        return format_html('<span class="sh-clamp sh-excerpt">{}</span>', badges.excerpt(row.post))

    @admin.display(description=gettext_lazy("account"), ordering="account__handle")
    def profile(self, row: RecycledPost) -> SafeString:
        return badges.network(row.account)

    @admin.display(description=gettext_lazy("status"), ordering="publication__status")
    def state(self, row: RecycledPost) -> SafeString:
        return badges.status(row.publication)

    @admin.display(description=gettext_lazy("due or published"), ordering="publication__due_at")
    def when(self, row: RecycledPost) -> SafeString:
        return badges.ago(row.publication.published_at or row.publication.due_at)

    @admin.display(description=gettext_lazy("score"), ordering="score")
    def points(self, row: RecycledPost) -> SafeString:
        return badges.number(row.score, 0)

    @admin.display(description=gettext_lazy("against what was predicted"))
    def result(self, row: RecycledPost) -> SafeString:
        found = looks.compared(row)
        if not found:
            return format_html('<span class="sh-missing" title="{}">–</span>', looks.no_result(row))
        return format_html(
            '<span class="sh-change sh-change--{}" title="{}">{}</span>',
            found["tone"],
            found["words"],
            found["sign"],
        )

    @admin.display(description=gettext_lazy("chosen by"))
    def chosen_by(self, row: RecycledPost) -> str:
        return str(row.made_by or row.rule or _("a rule that was deleted"))

    # -- one row ------------------------------------------------------------------
    @admin.display(description=gettext_lazy("first showing"))
    def shown_first(self, row: RecycledPost) -> SafeString:
        return _publication(row.original)

    @admin.display(description=gettext_lazy("this showing"))
    def shown_again(self, row: RecycledPost) -> SafeString:
        return format_html("{} {}", _publication(row.publication), badges.status(row.publication))

    @admin.display(description=gettext_lazy("why it was chosen"))
    def why(self, row: RecycledPost) -> SafeString:
        found = [(bar.title, bar.name, bar.percent, bar.value) for bar in looks.stored_bars(row)]
        return format_html(
            '<dl class="rc-bars">{}</dl>',
            format_html_join(
                "",
                '<div title="{}"><dt>{}</dt><dd><span class="sh-meter" aria-hidden="true">'
                '<span style="width:{}%"></span></span></dd><dd class="sh-quiet">{}</dd></div>',
                found,
            ),
        )

    @admin.display(description=gettext_lazy("predicted"))
    def predicted_shown(self, row: RecycledPost) -> str:
        return _with_unit(row, row.predicted)

    @admin.display(description=gettext_lazy("rank among the account's posts"))
    def rank(self, row: RecycledPost) -> SafeString:
        if row.actual_rank is None:
            return format_html('<span class="sh-missing" title="{}">–</span>', looks.no_result(row))
        return format_html("{} / 100", badges.number(row.actual_rank, 0))

    @admin.display(description=gettext_lazy("earned"))
    def actual_shown(self, row: RecycledPost) -> str:
        return _with_unit(row, row.actual)


def _is_own(rule: RecyclingRule | None, user: Any) -> bool:
    """A rule that is also for other people's accounts may only be read."""
    granted = None if rule is None else granted_account_ids(user)
    if rule is None or granted is None:
        return True
    return {account.pk for account in rule.accounts.all()} <= set(granted)


def _with_unit(row: RecycledPost, value: float | None) -> str:
    is_rate = queries.counts_by_impressions({row.account_id})[row.account_id]
    return f"{looks.expected(value, is_rate)} {looks.unit(is_rate)}"


def _publication(publication: Any) -> SafeString:
    url = reverse("admin:socialhub_publication_change", args=[publication.pk])
    return format_html('<a class="sh-link" href="{}">{}</a>', url, badges.excerpt(publication.post))

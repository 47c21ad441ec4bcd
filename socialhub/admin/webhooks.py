"""Outgoing webhooks: where to, with which secret, and what became of each message."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from socialhub import badges
from socialhub.admin.base import DeskAdmin, ReadOnlyAdmin
from socialhub.models import DeliveryState, JobState, WebhookDelivery, WebhookEndpoint
from socialhub.services import events, jobs, webhooks
from socialhub.services.errors import ServiceError

TEST_SECONDS = 20


class EndpointForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        label=gettext_lazy("events"),
        choices=[(name, name) for name in events.EVENTS],
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("None chosen: every event."),
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["url", "events", "is_active"]


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(DeskAdmin):
    form = EndpointForm
    list_display = ["url", "wants", "is_active", "created_at"]
    fields = ["url", "events", "is_active"]
    change_form_outer_before_template = "admin/socialhub/webhookendpoint/verbs.html"

    def get_urls(self) -> list[URLPattern]:
        verb = require_POST(self.verb)
        own = path(
            "<int:pk>/do/<slug:name>/",
            self.admin_site.admin_view(verb),
            name="socialhub_webhookendpoint_verb",
        )
        return [own, *super().get_urls()]

    def verb(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Send a test event, or make a new secret."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        verbs = {"test": self._test, "rotate": self._rotate}
        endpoint = self.get_object(request, str(pk))
        if endpoint is None or name not in verbs:
            raise Http404
        try:
            return verbs[name](request, endpoint)
        except ServiceError as exc:
            messages.error(request, exc.message)
        return redirect("admin:socialhub_webhookendpoint_change", pk)

    def _test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        job = jobs.wait(webhooks.start_test(endpoint, request.user), TEST_SECONDS)
        if job.state == JobState.DONE:
            told = _("The address took the test message: HTTP %(status)s.")
            messages.success(request, told % {"status": (job.result or {}).get("http_status")})
        elif job.state == JobState.FAILED:
            messages.error(request, " ".join(error["message"] for error in job.errors))
        else:
            messages.info(request, _("The test message is on its way; see the deliveries."))
        return redirect("admin:socialhub_webhookendpoint_change", endpoint.pk)

    def _rotate(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        return self._shown_once(request, endpoint, webhooks.rotate(endpoint, request.user))

    def _shown_once(
        self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str
    ) -> HttpResponse:
        # Shown in the answer itself: a message would leave it in a cookie or the session.
        context = {
            **self.admin_site.each_context(request),
            "title": _("The signing secret"),
            "opts": self.opts,
            "token": secret,
            "row": endpoint,
        }
        page = "admin/socialhub/webhookendpoint/made.html"
        return TemplateResponse(request, page, context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The signing secret is not even read.
        return super().get_queryset(request).defer("secret")

    @admin.display(description=gettext_lazy("events"))
    def wants(self, endpoint: WebhookEndpoint) -> str:
        return ", ".join(endpoint.events) or _("every event")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.secret = webhooks.new_secret()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> Any:
        return self._shown_once(request, obj, obj.secret)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ReadOnlyAdmin):
    list_display = ["event", "endpoint", "status", "attempts", "http_status", "error", "made"]
    list_filter = [("state", ChoicesDropdownFilter), ("endpoint", RelatedDropdownFilter)]
    list_filter_sheet = True
    actions = ["send_selected_again"]
    fields = [
        ("event", "endpoint"),
        ("state", "attempts", "http_status"),
        "error",
        ("created_at", "next_try_at"),
        "payload",
    ]

    def has_send_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("socialhub.change_webhookendpoint")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        return rows.select_related("endpoint").defer("endpoint__secret")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def status(self, delivery: WebhookDelivery) -> SafeString:
        return badges.status(delivery)

    @admin.display(description=gettext_lazy("made"), ordering="created_at")
    def made(self, delivery: WebhookDelivery) -> SafeString:
        return badges.ago(delivery.created_at)

    @admin.action(description=gettext_lazy("Send again"), permissions=["send"])
    def send_selected_again(
        self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]
    ) -> None:
        # Those under way keep their claim; the next tick of the outbox takes the others.
        ended = [DeliveryState.FAILED, DeliveryState.DROPPED, DeliveryState.SENT]
        count = (
            queryset.order_by()
            .filter(state__in=ended)
            .update(state=DeliveryState.QUEUED, next_try_at=timezone.now(), attempts=0, error="")
        )
        self.message_user(request, _("%(count)d will be sent again") % {"count": count})

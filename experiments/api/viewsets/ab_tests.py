"""/api/ab-tests/"""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.api.filters import ABTestFilter
from experiments.api.serializers import ab_tests as shapes
from experiments.models import ABTest, ABTestState, ABTestVariant, ABTestVariantMedia
from experiments.services import ab_tests
from socialhub import policies
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers.posts import CommentSerializer
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.models import Account
from socialhub.services.errors import Conflict

TEST = shapes.ABTestSerializer
RESULTS = shapes.ResultsSerializer


@extend_schema_view(
    submit=extend_schema(request=None, responses=TEST),
    approve=extend_schema(request=None, responses=TEST),
    request_changes=extend_schema(request=CommentSerializer, responses=TEST),
    withdraw=extend_schema(request=None, responses=TEST),
    start=extend_schema(request=None, responses=TEST),
    stop=extend_schema(request=None, responses=TEST),
    extend=extend_schema(request=shapes.UntilSerializer, responses=TEST),
    promote=extend_schema(request=shapes.PromoteSerializer, responses=TEST),
    evaluate=extend_schema(request=None, responses=RESULTS),
)
class ABTestViewSet(Editable):
    """Plan, approve, start and follow an A/B test. PATCH until it has started."""

    queryset = ABTest.objects.none()
    serializer_class = TEST
    filterset_class = ABTestFilter
    search_fields = ["question"]
    ordering_fields = ["created_at", "updated_at", "started_at", "decided_at", "id"]
    ordering = ["-created_at", "-id"]
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]
    verbs = {
        **dict.fromkeys(("list", "retrieve", "results"), "view_experiments"),
        **dict.fromkeys(("create", "update", "partial_update", "destroy"), "change_experiment"),
        **dict.fromkeys(("start", "stop", "extend", "evaluate", "promote"), "start_experiment"),
        "submit": "submit_post",
        "approve": "approve_post",
        "request_changes": "approve_post",
        "withdraw": ("submit_post", "approve_post"),
    }
    arguments_of = {
        **dict.fromkeys(("submit", "approve", "withdraw", "start", "stop", "evaluate"), Nothing),
        "request_changes": CommentSerializer,
        "extend": shapes.UntilSerializer,
        "promote": shapes.PromoteSerializer,
    }

    def get_queryset(self) -> QuerySet[ABTest]:
        user: Any = self.request.user
        if not policies.can(user, "view_experiments"):
            return ABTest.objects.none()
        media = Prefetch("variant_media", ABTestVariantMedia.objects.order_by("position"))
        variants = ABTestVariant.objects.order_by("position").prefetch_related(media)
        return (
            ABTest.objects.visible_to(user)
            .select_related("author", "winner")
            .prefetch_related(
                Prefetch("variants", variants),
                Prefetch("accounts", Account.objects.visible_to(user).order_by("pk")),
            )
        )

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        """A draft. With `source_post` and no variants, A and B are copies of that post."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        _require_fresh(self.get_object(), request.data)
        return super().update(request, *args, **kwargs)

    @extend_schema(description="Delete a test that never started; else 409: it keeps its evidence.")
    def destroy(self, request: Request, pk: str) -> Response:
        ab_tests.delete(self.get_object(), request.user)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        return self._after(ab_tests.submit)

    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve the plan and every variant, as one."""
        return self._after(ab_tests.approve)

    @action(detail=True, methods=["post"], url_path="request-changes")
    def request_changes(self, request: Request, pk: str) -> Response:
        return self._after(ab_tests.request_changes)

    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        return self._after(ab_tests.withdraw)

    @action(detail=True, methods=["post"])
    def start(self, request: Request, pk: str) -> Response:
        """Fix the plan and schedule what it publishes. Nothing of it is changed from here on."""
        return self._after(ab_tests.start)

    @action(detail=True, methods=["post"])
    def stop(self, request: Request, pk: str) -> Response:
        """End it without a winner; what is still scheduled is cancelled."""
        return self._after(ab_tests.stop)

    @action(detail=True, methods=["post"])
    def extend(self, request: Request, pk: str) -> Response:
        """A later end. The ordinary test stays at the planned one; only the looks go on."""
        return self._after(ab_tests.extend)

    @action(detail=True, methods=["post"])
    def promote(self, request: Request, pk: str) -> Response:
        """Use the winner: on more accounts, as an evergreen post, for recycling."""
        return self._after(ab_tests.promote)

    @action(detail=True, methods=["post"])
    def evaluate(self, request: Request, pk: str) -> Response:
        """Look now instead of within the hour. As many looks as one likes change no promise."""
        from experiments.services import evaluating

        self.arguments(request)
        test = self.get_object()
        if test.state != ABTestState.RUNNING:
            raise Conflict("not_running", _("This test is not running, so there is no new look."))
        evaluating.evaluate(test, timezone.now())
        return self._results()

    @extend_schema(responses=RESULTS)
    @action(detail=True, methods=["get"])
    def results(self, request: Request, pk: str) -> Response:
        """Every figure of `calculate/`, with the state, the looks and the schedule."""
        return self._results()

    def _results(self) -> Response:
        from experiments.queries import results

        return Response(results.results(self.get_object(), timezone.now()))

    def _after(self, verb: Any) -> Response:
        arguments = self.arguments(self.request)
        test = self.get_object()
        verb(test, self.request.user, **arguments)
        return Response(self.shown(test.pk))


def _require_fresh(test: ABTest, data: Any) -> None:
    """Said before anything else: a stale copy differs in read-only fields too."""
    sent = data.get("version") if hasattr(data, "get") else None
    if str(sent).isdigit() and int(str(sent)[:12]) != test.version:
        raise Conflict(
            "stale",
            _("Somebody changed this test since you opened it. Reload, then change it again."),
        )

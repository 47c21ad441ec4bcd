"""/api/accounts/ and the posting slots under it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from socialhub.api import waiting
from socialhub.api.filters import AccountFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.serializers import accounts as shapes
from socialhub.api.serializers.jobs import JobStartedSerializer
from socialhub.api.throttling import LoginThrottle
from socialhub.api.viewsets.base import Editable
from socialhub.models import Account, Organisation, PostingSlot
from socialhub.services import accounts, queue
from socialhub.services.errors import Invalid

LATER = OpenApiResponse(JobStartedSerializer, description="The network is slow; ask the job.")
LONGEST = timedelta(days=92)


class AccountViewSet(Editable):
    """Connected profiles. DELETE disconnects: publications and numbers stay."""

    queryset = Account.objects.none()
    serializer_class = shapes.AccountSerializer
    filterset_class = AccountFilter
    search_fields = ["handle", "display_name"]
    ordering_fields = ["platform", "handle", "created_at", "id"]
    verbs = dict.fromkeys(
        ("create", "update", "partial_update", "destroy", "connect", "choose", "doctor"),
        "connect_account",
    )
    arguments_of = {
        "create": shapes.ConnectSerializer,
        "connect": shapes.AuthorizeSerializer,
        "choose": shapes.ChooseSerializer,
    }

    def get_queryset(self) -> Any:
        return Account.objects.visible_to(self.request.user)

    def get_throttles(self) -> list[BaseThrottle]:
        found = super().get_throttles()
        return [*found, LoginThrottle()] if self.action in ("create", "connect") else found

    @extend_schema(
        request=shapes.ConnectSerializer,
        responses={201: shapes.AccountSerializer, 202: LATER},
        parameters=[PARAMETER],
    )
    @idempotent(atomic=False)
    def create(self, request: Request) -> Response:
        """Connect with a name and a password or token; the network is asked before it counts."""
        job = accounts.connect(request.user, **self.arguments(request))
        return waiting.answer(
            job, lambda result: Response(self.shown(result["account"]), status=201)
        )

    def destroy(self, request: Request, pk: str) -> Response:
        accounts.disconnect(self.get_object(), request.user)
        return Response(status=204)

    @extend_schema(
        request=shapes.AuthorizeSerializer,
        responses={200: shapes.AuthorizationSerializer, 202: LATER},
    )
    @action(detail=False, methods=["post"])
    def connect(self, request: Request) -> Response:
        """Connect through the browser: send the person to `authorize_url`."""
        given = self.arguments(request)
        app = {name: given.pop(name) for name in ("client_id", "client_secret") if name in given}
        if app.get("client_id"):
            accounts.save_app(request.user, given["platform"], **app)
        return waiting.answer(accounts.start_oauth(request.user, **given), Response)

    @extend_schema(request=shapes.ChooseSerializer, responses={200: shapes.ChosenSerializer})
    @action(detail=False, methods=["post"])
    def choose(self, request: Request) -> Response:
        """Connect some of the profiles that a login reached. Works once, within an hour."""
        given = self.arguments(request)
        found = accounts.choose(request.user, given["state"], given["profiles"])
        return Response(shapes.ChosenSerializer({"accounts": found}).data)

    @extend_schema(responses={200: shapes.DoctorSerializer, 202: LATER})
    @action(detail=True)
    def doctor(self, request: Request, pk: str) -> Response:
        """What works for this account right now."""
        return waiting.answer(accounts.doctor(self.get_object(), request.user), Response)

    @extend_schema(parameters=[shapes.FreeSlotsQuery], responses=shapes.FreeSlotsSerializer)
    @action(detail=True, url_path="free-slots")
    def free_slots(self, request: Request, pk: str) -> Response:
        """Posting slots without a publication, the next 30 days if nothing else is asked."""
        asked = shapes.FreeSlotsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        start = asked.validated_data.get("start") or timezone.now()
        end = asked.validated_data.get("end") or start + timedelta(days=30)
        if not start < end <= start + LONGEST:
            message = _("Ask for at most 92 days, start before end.")
            raise Invalid("bad_range", message, {"end": [message]})
        found = queue.free_slots(self.get_object(), start, end)
        zone = Organisation.get().timezone
        return Response(shapes.FreeSlotsSerializer({"timezone": zone, "slots": found}).data)


class NetworkAppsView(APIView):
    """/api/network-apps/"""

    verbs = {"get": "connect_account"}

    @extend_schema(responses=shapes.NetworkAppsSerializer)
    def get(self, request: Request) -> Response:
        """The developer app of every network that needs one, entered or not."""
        found = accounts.shown_apps()
        listed = {"count": len(found), "next": None, "previous": None, "results": found}
        return Response(shapes.NetworkAppsSerializer(listed).data)


class NetworkAppView(APIView):
    """/api/network-apps/{platform}/"""

    verbs = {"put": "connect_account"}

    @extend_schema(request=shapes.KeepAppSerializer, responses=shapes.NetworkAppSerializer)
    def put(self, request: Request, platform: str) -> Response:
        """Enter or change an app. Its secret goes in and never comes out."""
        given = shapes.KeepAppSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        kept = accounts.save_app(request.user, platform, **given.validated_data)
        return Response(shapes.NetworkAppSerializer(kept).data)


class SlotViewSet(mixins.DestroyModelMixin, Editable):
    """Weekly times at which "add to queue" publishes."""

    queryset = PostingSlot.objects.none()
    serializer_class = shapes.SlotSerializer
    filter_backends: list[Any] = []
    verbs = dict.fromkeys(("create", "update", "partial_update", "destroy"), "schedule_post")

    def get_queryset(self) -> Any:
        account = get_object_or_404(
            Account.objects.visible_to(self.request.user), pk=self.kwargs.get("account_pk", 0)
        )
        return account.slots.all()

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request, account_pk: int) -> Response:
        account = get_object_or_404(Account.objects.visible_to(request.user), pk=account_pk)
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save(account=account).pk), status=201)

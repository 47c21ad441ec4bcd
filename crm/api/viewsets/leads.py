"""/api/leads/"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api import downloads
from crm.api.filters import LeadFilter
from crm.api.serializers import leads as shapes
from crm.api.serializers.odoo import StartedSerializer
from crm.models import Lead, LeadConflict, LeadNote, LeadSource, LeadTouch
from crm.services import capture, erasing, leads
from crm.services.told import LeadData
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.services.errors import Invalid


class LeadViewSet(Editable):
    """Who may buy, and what became of them. There is no DELETE: erase the person instead."""

    queryset = Lead.objects.none()
    serializer_class = shapes.LeadSerializer
    filterset_class = LeadFilter
    search_fields = ["name", "contact_name", "email", "phone", "company", "message"]
    ordering_fields = ["created_at", "updated_at", "name", "probability", "id"]
    ordering = ["-created_at", "-id"]
    http_method_names = ["get", "post", "patch", "head", "options"]
    verbs = {
        **dict.fromkeys(("list", "retrieve", "download"), "view_leads"),
        "create": "capture_lead",
        "convert": "capture_lead",
        "convert_many": "capture_lead",
        **dict.fromkeys(("update", "partial_update"), "change_lead"),
        "settle_conflict": "change_lead",
        "export": "export_lead",
        "retry": "export_lead",
        "erase_person": "erase_lead",
    }
    arguments_of = {
        "create": shapes.NewLeadSerializer,
        "convert": shapes.ConvertSerializer,
        "convert_many": shapes.ConvertManySerializer,
        "export": shapes.LeadIdsSerializer,
        "retry": shapes.LeadIdsSerializer,
        "settle_conflict": shapes.SettleSerializer,
        "erase_person": Nothing,
    }

    def get_queryset(self) -> QuerySet[Lead]:
        user: Any = self.request.user
        rows = Lead.objects.visible_to(user).for_list()
        if self.action != "retrieve":
            return rows
        return rows.prefetch_related(
            Prefetch("touches", LeadTouch.objects.order_by("at", "pk")),
            Prefetch("notes", LeadNote.objects.order_by("written_at", "pk")),
            Prefetch("conflicts", LeadConflict.objects.order_by("-raised_at", "-pk")),
        )

    @extend_schema(responses=shapes.WholeLeadSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(shapes.WholeLeadSerializer(self.get_object()).data)

    @extend_schema(
        request=shapes.NewLeadSerializer,
        responses={201: shapes.LeadSerializer, 200: shapes.LeadSerializer},
        parameters=[PARAMETER],
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """A lead: 201. An open one with the same e-mail or phone gets the message: 200."""
        given = self.arguments(request)
        origin = _origin(given)
        lead, created = capture.capture(LeadData(**given), origin, request.user)
        return Response(self.shown(lead.pk), status=201 if created else 200)

    @extend_schema(
        request=shapes.ConvertSerializer,
        responses={201: shapes.LeadSerializer, 200: shapes.LeadSerializer},
        parameters=[PARAMETER],
    )
    @action(detail=False, methods=["post"])
    @idempotent
    def convert(self, request: Request) -> Response:
        """Make a lead of a comment: 201; again, or of a known person: 200 and the same id."""
        interaction = self.arguments(request)["interaction"]
        lead, created = capture.convert(interaction, request.user)
        return Response(self.shown(lead.pk), status=201 if created else 200)

    @extend_schema(request=shapes.ConvertManySerializer, responses=shapes.ConvertedSerializer)
    @action(detail=False, methods=["post"], url_path="convert-many")
    def convert_many(self, request: Request) -> Response:
        """Make leads of up to 100 comments; `refused` are people who are somebody else's lead."""
        given = self.arguments(request)
        return Response(capture.convert_many(given["interactions"], request.user))

    @extend_schema(request=shapes.LeadIdsSerializer, responses={202: StartedSerializer})
    @action(detail=False, methods=["post"])
    def export(self, request: Request) -> Response:
        """Send leads to Odoo now: 202; leads that are there already are not sent again."""
        run = leads.export(self.arguments(request)["ids"], request.user)
        return Response({"run": run.pk}, status=202)

    @extend_schema(request=shapes.LeadIdsSerializer, responses=shapes.RetriedSerializer)
    @action(detail=False, methods=["post"])
    def retry(self, request: Request) -> Response:
        """Put parked leads on their way again."""
        return Response({"retried": leads.retry(self.arguments(request)["ids"], request.user)})

    @extend_schema(request=shapes.SettleSerializer, responses=shapes.LeadSerializer)
    @action(detail=True, methods=["post"], url_path="settle-conflict")
    def settle_conflict(self, request: Request, pk: str) -> Response:
        """Decide between our value and Odoo's."""
        lead, given = self.get_object(), self.arguments(request)
        conflict = get_object_or_404(LeadConflict, pk=given["conflict"], lead=lead)
        leads.settle_conflict(conflict, request.user, given["choice"])
        return Response(self.shown(lead.pk))

    @extend_schema(request=None, responses=shapes.ErasedSerializer)
    @action(detail=True, methods=["post"], url_path="erase-person")
    def erase_person(self, request: Request, pk: str) -> Response:
        """Remove the person's data here; the figures stay. What Odoo holds is named."""
        self.arguments(request)
        return Response(asdict(erasing.erase_person(self.get_object(), request.user)))

    @extend_schema(
        parameters=[
            OpenApiParameter("format", str, enum=downloads.FORMATS, description="csv by default.")
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.STR,
            (200, downloads.TYPES["xlsx"]): OpenApiTypes.BINARY,
        },
    )
    @action(detail=False, content_negotiation_class=downloads.AnyAccept)
    def download(self, request: Request) -> Any:
        """The filtered list as a table."""
        kind = request.query_params.get("format") or "csv"
        if kind not in downloads.FORMATS:
            message = _("Choose csv or xlsx.")
            raise Invalid("invalid", message, {"format": [message]})
        return downloads.answer(self.filtered(), kind)

    def filtered(self) -> QuerySet[Lead]:
        """As the list has it, whatever the action."""
        return GenericAPIView.filter_queryset(self, self.get_queryset())


def _origin(given: dict[str, Any]) -> capture.Origin:
    """Takes what is about the origin out of `given`."""
    names = ("link", "publication", "post", "campaign", "variant_key", "product", "service")
    named = {name: given.pop(name, None) for name in names}
    link, publication = named.pop("link"), named.pop("publication")
    origin = capture.Origin(LeadSource.API)
    if link is not None:
        origin = capture.origin_of_link(link, named["variant_key"] or "", LeadSource.API)
    if publication is not None:
        origin = replace(origin, **capture.published(publication))
    elif named["post"] is not None:
        origin = replace(
            origin, campaign=named["post"].campaign, variant_key=named["post"].variant_key
        )
    return replace(origin, **{name: value for name, value in named.items() if value})

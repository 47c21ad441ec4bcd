"""/api/products/ and /api/services/"""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from crm.api.serializers.catalogue import (
    ProductSerializer,
    ServiceSerializer,
    WrittenSerializer,
)
from crm.models import Product, Service
from crm.services import catalogue
from socialhub.api.filters import IdFilter, YesNoFilter
from socialhub.api.idempotency import PARAMETER, idempotent
from socialhub.api.strict import Nothing
from socialhub.api.viewsets.base import Editable
from socialhub.models import Post


class ItemFilter(filters.FilterSet):
    active = YesNoFilter(field_name="is_active")
    available = YesNoFilter(field_name="is_available")
    odoo_id = IdFilter()
    post = IdFilter(method="about")

    def about(self, rows: QuerySet[Any], name: str, value: int) -> QuerySet[Any]:
        """Items of a post this user may see."""
        seen = Post.objects.visible_to(self.request.user).filter(pk=value)
        return rows.filter(
            pk__in=rows.model.posts.through.objects.filter(post__in=seen).values(
                f"{rows.model.kind}_id"
            )
        )


class ItemViewSet(Editable):
    """Those from Odoo follow Odoo; others are written here. DELETE sets `active` to false."""

    filterset_class = ItemFilter
    search_fields = ["name", "description"]
    ordering_fields = ["name", "price", "synced_at", "created_at", "id"]
    arguments_of = {"write_post": Nothing}
    verbs = {
        "list": "view_catalogue",
        "retrieve": "view_catalogue",
        **dict.fromkeys(("create", "update", "partial_update", "destroy"), "change_catalogue"),
        "write_post": "write_post",
    }

    @extend_schema(parameters=[PARAMETER])
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(self.shown(serializer.save().pk), status=201)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        catalogue.deactivate(self.get_object(), request.user)
        return Response(status=204)

    @extend_schema(request=Nothing, responses={201: WrittenSerializer}, parameters=[PARAMETER])
    @action(detail=True, methods=["post"], url_path="write-post")
    @idempotent
    def write_post(self, request: Request, pk: str) -> Response:
        """A draft about it: name, price, link and picture, ready to be edited."""
        self.arguments(request)
        post = catalogue.write_post(self.get_object(), request.user)
        return Response({"post": post.pk}, status=201)


class ProductViewSet(ItemViewSet):
    """Things for sale."""

    queryset = Product.objects.all()
    serializer_class = ProductSerializer


class ServiceViewSet(ItemViewSet):
    """Work for sale."""

    queryset = Service.objects.all()
    serializer_class = ServiceSerializer

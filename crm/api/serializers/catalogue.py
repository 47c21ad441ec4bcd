"""Products and services as JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from crm.models import Product, Service
from crm.services import catalogue
from socialhub.api.fields import RowsField
from socialhub.api.strict import StrictSerializer
from socialhub.models import MediaAsset, Post


def _posts(user: Any) -> QuerySet[Post]:
    return Post.objects.visible_to(user)


class ItemSerializer(StrictSerializer):
    """What Odoo is master of can only be changed there (409); `active` and `posts` are free."""

    model: ClassVar[catalogue.ItemClass]

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=300, trim_whitespace=False)
    description = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=100_000
    )
    price = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True
    )
    currency = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=3,
        help_text=_("Three letters; a price without it is in the organisation's currency."),
    )
    tax_included = serializers.BooleanField(required=False, allow_null=True)
    url = serializers.CharField(required=False, allow_blank=True, max_length=1000)
    image = serializers.PrimaryKeyRelatedField(
        queryset=MediaAsset.objects.none(),
        required=False,
        allow_null=True,
        help_text=_("Id of a media file."),
    )
    active = serializers.BooleanField(source="is_active", required=False)
    available = serializers.BooleanField(
        source="is_available",
        read_only=True,
        help_text=_("False: archived, deleted or not for sale in Odoo."),
    )
    odoo_id = serializers.IntegerField(read_only=True, allow_null=True)
    odoo_write_date = serializers.DateTimeField(read_only=True, allow_null=True)
    synced_at = serializers.DateTimeField(read_only=True, allow_null=True)
    posts = RowsField(
        name="post",
        rows=_posts,
        ids=lambda item: [],
        required=False,
        write_only=True,
        help_text=_("Ids of the posts about it: a changed price flags them."),
    )

    def get_fields(self) -> dict[str, Any]:
        """Only pictures the user may see can be named; one that is there already may stay."""
        fields = super().get_fields()
        user = getattr(self.context.get("request"), "user", None)
        if user is not None:
            seen = MediaAsset.objects.visible_to(user)
            if isinstance(self.instance, Product | Service) and self.instance.image_id:
                seen = MediaAsset.objects.filter(pk=self.instance.image_id) | seen
            fields["image"].queryset = seen
        return fields

    def create(self, validated_data: dict[str, Any]) -> catalogue.Item:
        user, linked = self.context["request"].user, validated_data.pop("posts", ())
        return catalogue.create(user, self.model, linked=linked, **validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> catalogue.Item:
        user, linked = self.context["request"].user, validated_data.pop("posts", None)
        return catalogue.change(instance, user, linked=linked, **validated_data)


class ProductSerializer(ItemSerializer):
    model = Product


class ServiceSerializer(ItemSerializer):
    model = Service


class WrittenSerializer(serializers.Serializer):
    """The draft that was made."""

    post = serializers.IntegerField()
